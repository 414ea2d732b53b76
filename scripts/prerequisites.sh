#!/usr/bin/env bash
# Checks that everything is installed that a run needs: Go, make and, unless KUBECONFIG_FILE names a cluster, a container engine; prints nothing if so. On Debian and Ubuntu
# it installs what is missing: in a container as root and where CI is set without asking, otherwise only at a terminal, after
# asking. Elsewhere it prints each missing item and the command that installs it. What only building a node image needs is installed there, too, if a run would have to build one, or
# with --builders; elsewhere the build says what is missing. With --browser, which only the tests need, it also installs Chromium. With
# --engines it checks what make engines needs to build engines, and no engine but podman if NOTEPROOF_ENGINE is podman.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

go_minor=26  # of Go 1
packages=""  # Debian packages to install
builders=""  # further ones, which only building node images needs
missing=""   # missing items that every run needs: one line each
options=("$@")

have() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }
lack() { missing="$missing  $1
"; }

on_debian() { [ -r /etc/debian_version ] && have apt-get; }
on_linux() { [ "$(uname -s)" = Linux ]; }
installer() { # the command that installs a package here
  if on_debian; then echo "sudo apt-get install"
  elif have dnf; then echo "sudo dnf install"
  elif have zypper; then echo "sudo zypper install"
  elif have pacman; then echo "sudo pacman -S"
  elif have apk; then echo "sudo apk add"
  elif have brew; then echo "brew install"
  else echo "install"
  fi
}

check_go() {
  local version minor
  if ! have go; then
    lack "Go 1.$go_minor or newer: https://go.dev/doc/install"
    return
  fi
  version=$(cd / && GOTOOLCHAIN=local go env GOVERSION 2>/dev/null)
  minor=${version#go1.}
  minor=${minor%%[!0-9]*}
  [ "${minor:-0}" -ge "$go_minor" ] && return
  go version >/dev/null 2>&1 && return # it downloaded the toolchain that go.mod requires
  lack "Go 1.$go_minor or newer, found ${version:-an unknown version}: https://go.dev/doc/install"
}

check_make() {
  have make && return
  packages="$packages make"
  lack "make: $(installer) make"
}

# A node image is built here if none is present and none can be pulled: mmdebstrap creates its root file system, and pause is one C
# file, linked statically.
check_builders() {
  on_debian || return
  { have cc && [ -e /usr/include/stdio.h ]; } || builders="$builders gcc libc6-dev"
  have mmdebstrap || builders="$builders mmdebstrap"
  [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || builders="$builders debian-archive-keyring"
  [ "$(id -u)" -eq 0 ] || have newuidmap || builders="$builders uidmap" # with which mmdebstrap works without root
}

# builds tests whether a run would have to build a node image.
builds() {
  local version
  [ "${options[0]:-}" = --builders ] && return
  [ -z "${KUBECONFIG_FILE:-}${NOTEPROOF_NODE_IMAGE:-}" ] || return
  for version in ${K8S:-""}; do
    GOWORK=off go run ./harness/cmd/noteproof node-image --check "$version" >/dev/null 2>&1 </dev/null || return 0
  done
  return 1
}

# works tests whether an engine works: a client without a daemon does not, nor does Docker 20 on a machine without
# CAP_SYS_RESOURCE (capability 24), which it gives to every privileged container.
works() {
  have "$1" && "$1" info >/dev/null 2>&1 </dev/null || return 1
  [ "$1" = docker ] && on_linux || return 0
  local bounding
  bounding=$(awk '/^CapBnd:/ {print $2}' /proc/self/status)
  [ $(((16#$bounding >> 24) & 1)) -eq 1 ] || ! docker version --format '{{.Server.Version}}' 2>/dev/null | grep -q '^20\.'
}

check_engine() {
  local engine
  for engine in ${NOTEPROOF_ENGINE:-docker podman nerdctl}; do
    works "$engine" || continue
    [ "$engine" = podman ] && check_podman_parts
    return
  done
  case ${NOTEPROOF_ENGINE:-podman} in
  podman)
    if [ "$(uname -s)" = Darwin ]; then
      lack "a container engine that works: open -a Docker, or podman machine start; to install one: brew install --cask docker-desktop, or brew install podman"
    elif have podman; then
      lack "a container engine that works: see the output of \`podman info\`, or start docker"
    elif ! on_debian; then
      lack "a container engine that works: start docker, or $(installer) podman"
    else
      lack "a container engine that works: start docker, or $(installer) podman runc netavark aardvark-dns iptables"
      packages="$packages podman uidmap"
    fi
    check_podman_parts
    ;;
  *) lack "NOTEPROOF_ENGINE=$NOTEPROOF_ENGINE does not work: see the output of \`$NOTEPROOF_ENGINE info\`, or unset the variable" ;;
  esac
}

# check_podman_parts checks what Debian's podman needs for a cluster in addition to its own dependencies.
check_podman_parts() {
  on_debian || return 0
  # crun does not support a hybrid cgroup hierarchy.
  { have crun && [ -e /sys/fs/cgroup/cgroup.controllers ]; } || have runc || packages="$packages runc"
  [ -x /usr/lib/podman/netavark ] || packages="$packages netavark"
  [ -x /usr/lib/podman/aardvark-dns ] || packages="$packages aardvark-dns"
  have iptables || packages="$packages iptables"
}

# check_engine_builders checks what building runc, containerd and dockerd needs, and iptables, which dockerd and nerdctl run.
check_engine_builders() {
  if ! have cc || { on_debian && [ ! -e /usr/include/stdio.h ]; }; then
    packages="$packages gcc libc6-dev"
    lack "a C compiler, which builds runc: $(installer) gcc"
  fi
  if ! have pkg-config || ! pkg-config --exists libseccomp; then
    packages="$packages pkg-config libseccomp-dev"
    lack "libseccomp with its headers, with which runc is built: $(installer) pkg-config libseccomp-dev"
  fi
  have iptables && return
  packages="$packages iptables"
  lack "iptables: $(installer) iptables"
}

# in_container tests whether this is a container of docker, podman or the like.
in_container() { [ -e /.dockerenv ] || [ -e /run/.containerenv ] || [ -n "${container:-}" ]; }

# unasked tests whether packages can be installed without asking: on a machine of continuous integration, or as root in a container.
unasked() {
  case ${CI:-} in
  "" | 0 | false) [ "$(id -u)" -eq 0 ] && in_container ;;
  *) [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null ;;
  esac
}

terminal() { [ -t 0 ] && [ -t 2 ]; }

# agreed tests whether these packages may be installed. At a terminal it asks.
agreed() {
  local answer
  on_debian || return
  unasked && return
  terminal || return
  read -r -p "To run noteproof, install these Debian packages with ${as_root:+$as_root }apt-get: $*? [y/N] " answer || return
  case $answer in [yY] | [yY][eE][sS]) ;; *) return 1 ;; esac
}

# install_packages installs the packages and runs this script again, to check that they work.
install_packages() {
  local log status=0 wanted
  read -ra wanted <<<"$packages"
  echo "Installing Debian packages:$packages"
  log=$(mktemp)
  {
    $as_root apt-get -q update &&
      $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "${wanted[@]}"
  } >"$log" 2>&1 </dev/null || status=$? # sudo asks for a password at the terminal itself
  if [ "$status" -ne 0 ]; then
    tail -n 30 "$log"
    rm -f "$log"
    echo "The packages could not be installed; the output of apt-get is above. To try it by hand: $(installer)$packages"
    exit 1
  fi
  rm -f "$log"
  NOTEPROOF_INSTALLED=1 exec "$0" ${options[@]+"${options[@]}"}
}

# install_browser installs a browser for the test of the page. Without one, only that test is skipped, with a message.
install_browser() {
  local browser
  for browser in chromium chromium-browser google-chrome google-chrome-stable headless-shell; do
    have "$browser" && return
  done
  if agreed chromium; then
    echo "Installing Debian packages: chromium"
    {
      $as_root apt-get -q update &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends chromium
    } >/dev/null 2>&1 </dev/null
    have chromium && return
  fi
  echo "The page of the report is not tested, because there is no browser: $(installer) chromium"
}

# install_axe puts axe-core, of which the test of the page makes use, into the cache: the very file of this hash, from npm.
axe="axe-core-4.14.1"
axe_sum=1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b734f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5
install_axe() {
  local cache="${XDG_CACHE_HOME:-$HOME/.cache}/noteproof" folder sum=sha512sum
  if [ "$(uname -s)" = Darwin ]; then cache="$HOME/Library/Caches/noteproof" sum="shasum -a 512"; fi
  [ ! -s "$cache/$axe.js" ] || return 0
  if have npm && folder=$(mktemp -d); then
    (
      cd "$folder" && npm pack --silent "${axe%-*}@${axe##*-}" >/dev/null 2>&1 && echo "$axe_sum  $axe.tgz" | $sum --quiet -c - &&
        tar -xzf "$axe.tgz" package/axe.min.js && mkdir -p "$cache" && mv package/axe.min.js "$cache/$axe.js"
    )
    rm -rf "$folder"
    [ ! -s "$cache/$axe.js" ] || return 0
  fi
  echo "The page of the report is not tested with axe-core, because npm does not have it here: $(installer) npm"
}

main() {
  check_go
  check_make
  check_builders
  if [ "${1:-}" = --engines ]; then
    check_engine_builders
    [ "${NOTEPROOF_ENGINE:-}" != podman ] || check_engine
  elif [ -z "${KUBECONFIG_FILE:-}" ]; then # without an engine, claims that stop nodes or need a machine outside are not run there
    check_engine
  fi
  as_root=
  [ "$(id -u)" -eq 0 ] || as_root=sudo
  if [ -n "$packages" ] && on_debian; then
    if [ -n "${NOTEPROOF_INSTALLED:-}" ]; then
      lack "what these packages should have installed:$packages"
    elif read -ra wanted <<<"$packages" && agreed "${wanted[@]}"; then
      install_packages
    else
      lack "these packages, which this command installs: ${as_root:+$as_root }apt-get install$packages"
    fi
  fi
  if [ -n "$missing" ]; then
    printf 'A run needs what is missing on this machine:\n%s' "$missing"
    exit 1
  fi
  # Only now, because it takes Go and an engine to find out whether they are needed. Without them, the build says what is missing.
  if [ -n "$builders" ] && [ -z "${NOTEPROOF_INSTALLED_BUILDERS:-}" ] && { unasked || terminal; } && builds; then
    packages=$builders
    export NOTEPROOF_INSTALLED_BUILDERS=1
    read -ra wanted <<<"$packages"
    if agreed "${wanted[@]}"; then install_packages; fi
  fi
  if [ "${1:-}" = --browser ]; then
    install_browser
    install_axe
  fi
}

[ "${BASH_SOURCE[0]}" != "$0" ] || main "$@"
