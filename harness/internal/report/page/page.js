// Conveniences for a page that works without scripts: it remembers the theme, counts the claims that pass the filters, moves in
// the matrix by arrow keys, copies commands, and gives open panels an address.
(() => {
  'use strict';
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const one = (selector, from = document) => from.querySelector(selector);
  const store = (() => { try { return window.localStorage; } catch { return null; } })();

  const chosen = store?.getItem('noteproof-theme');
  for (const input of all('input[name=theme]')) {
    if (input.value === chosen) input.checked = true;
    input.addEventListener('change', () => store?.setItem('noteproof-theme', input.value));
  }

  const form = one('#filters');
  if (form) {
    const rows = all('tr.row');
    const report = () => {
      const left = rows.filter((row) => row.getClientRects().length > 0).length;
      one('#shown').textContent = left === rows.length ? `${left} claims` : `${left} of ${rows.length} claims`;
      one('.nothing').hidden = left > 0;
    };
    form.addEventListener('change', report);
    form.addEventListener('reset', () => requestAnimationFrame(report));
    report();
    if (matchMedia('(max-width: 44rem)').matches) one('.filters').open = false;
  }

  const visible = (element) => element.getClientRects().length > 0;
  one('.matrix')?.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const cell = event.target.closest('td');
    if (!step || !cell) return;
    const lines = all('tr.row').filter(visible).map((row) => all('td', row).filter(visible));
    const y = lines.findIndex((line) => line.includes(cell));
    const next = lines[y + step[0]]?.[lines[y].indexOf(cell) + step[1]];
    const target = next && one('button, a', next);
    if (!target) return;
    event.preventDefault();
    target.focus();
  });

  const address = (hash) => history.replaceState(null, '', hash || location.pathname + location.search);
  for (const panel of all('[popover]')) {
    panel.addEventListener('toggle', (event) => {
      if (event.newState === 'open') {
        one('h3', panel).focus({ preventScroll: true });
        panel.scrollTop = 0;
        address('#' + panel.id);
      } else if (location.hash === '#' + panel.id) {
        address('');
      }
    });
  }
  const open = () => all('[popover]').find((panel) => '#' + panel.id === location.hash)?.showPopover?.();
  window.addEventListener('hashchange', open);
  open();

  if (navigator.clipboard) {
    for (const button of all('.copy')) {
      button.hidden = false;
      button.addEventListener('click', async () => {
        try {
          await navigator.clipboard.writeText(one('code', button.parentElement).textContent);
          button.textContent = 'Copied';
        } catch {
          button.textContent = 'Not allowed';
        }
      });
    }
  }
})();
