// Conveniences for a page that works without scripts: it remembers the language and the theme, searches, compares two
// versions, moves in the matrix by arrow keys, copies commands, and gives open panels an address.
//
// The style that hides what filters deselect has hundreds of conditions on the whole page, so it is off while nothing is deselected.
const hiding = document.getElementById('hiding');
hiding.media = 'not all';
document.addEventListener('DOMContentLoaded', () => {
  'use strict';
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const one = (selector, from = document) => from.querySelector(selector);
  const store = (() => { try { return window.localStorage; } catch { return null; } })();

  for (const name of ['theme', 'lang']) {
    const chosen = store?.getItem('noteproof-' + name);
    for (const input of all(`input[name=${name}]`)) {
      if (input.value === chosen) input.checked = true;
      if (name === 'lang' && input.checked) document.documentElement.lang = input.value;
      input.addEventListener('change', () => {
        store?.setItem('noteproof-' + name, input.value);
        if (name === 'lang') document.documentElement.lang = input.value;
      });
    }
  }

  const form = one('#filters');
  if (form) {
    const rows = all('tr.row'), passages = all('.passage'), shown = one('#shown');
    const search = one('#search'), [a, b] = [one('#compare-a'), one('#compare-b')];
    const texts = new Map(passages.map((passage) => [passage, passage.textContent.toLowerCase()]));
    for (const row of rows) { // what was judged is in the panel
      const panel = document.getElementById(one('[popovertarget]', row)?.getAttribute('popovertarget'));
      texts.set(row, (row.textContent + (panel ? all('blockquote, .note, .judged', panel).map((e) => e.textContent).join(' ') : '')).toLowerCase());
    }
    const saw = (row, version) => {
      const cell = one(`td[data-version="${version}"]`, row);
      return cell && cell.dataset.saw + one('.cell, .none', cell)?.className;
    };
    const report = () => {
      hiding.media = one('input[type=checkbox]:not(:checked)', form) ? 'all' : 'not all';
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const found = (element) => words.every((word) => texts.get(element).includes(word));
      const pair = a?.value && b?.value && a.value !== b.value;
      for (const passage of passages) passage.hidden = !found(passage);
      for (const row of rows) row.hidden = !found(row) || pair && saw(row, a.value) === saw(row, b.value);
      const left = rows.filter((row) => row.getClientRects().length > 0).length;
      shown.textContent = left === rows.length ? left : `${left} / ${rows.length}`;
      one('.nothing').hidden = left > 0;
    };
    const compare = () => { // only these two versions
      const pair = a.value && b.value && a.value !== b.value;
      for (const box of all('[id^=version-]', form)) box.checked = !pair || [a.value, b.value].includes(box.id.slice(8));
      report();
    };
    one('.find').hidden = false;
    search.addEventListener('input', report);
    a?.addEventListener('change', compare);
    b?.addEventListener('change', compare);
    form.addEventListener('change', report);
    form.addEventListener('reset', () => requestAnimationFrame(() => {
      for (const field of all('.find input, .find select')) field.value = '';
      report();
    }));
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

  // A panel shows the evidence of the version that was asked for, which is its address.
  const address = (hash) => history.replaceState(null, '', hash || location.pathname + location.search);
  const show = (at, scroll) => {
    const details = document.getElementById(at)?.closest('details.at');
    if (!details) return;
    details.open = true;
    if (scroll) details.scrollIntoView({ block: 'start' });
    address('#' + at);
  };
  let wanted;
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[popovertarget]'), version = button?.closest('td[data-version]')?.dataset.version;
    const panel = button && document.getElementById(button.getAttribute('popovertarget'));
    wanted = button?.dataset.at ?? (version && one(`details.at[data-version="${version}"] > [id]`, panel)?.id);
  }, true);
  for (const panel of all('[popover]')) {
    const answer = one('details.at[open] > [id]', panel)?.id; // on the newest version that has one
    panel.addEventListener('toggle', (event) => {
      if (event.newState === 'open') {
        one('h3', panel).focus({ preventScroll: true });
        panel.scrollTop = 0;
        show(wanted ?? answer, wanted && wanted !== answer);
        wanted = undefined;
      } else if (panel.contains(document.getElementById(decodeURIComponent(location.hash.slice(1))))) {
        address('');
      }
    });
    panel.addEventListener('click', (event) => {
      const link = event.target.closest('.strip a');
      if (!link) return;
      event.preventDefault();
      show(decodeURIComponent(link.hash.slice(1)), true);
    });
  }
  const open = () => {
    const id = decodeURIComponent(location.hash.slice(1)), panel = id && document.getElementById(id)?.closest('[popover]');
    if (!panel) return;
    wanted = id;
    if (panel.matches(':popover-open')) show(id, true);
    else panel.showPopover?.();
  };
  window.addEventListener('hashchange', open);
  open();

  if (navigator.clipboard) {
    for (const button of all('.copy')) {
      button.hidden = false;
      button.addEventListener('click', async () => {
        try {
          await navigator.clipboard.writeText(one('code', button.parentElement).textContent);
          button.textContent = '✓';
        } catch {
          button.textContent = '✗';
        }
      });
    }
  }
});
