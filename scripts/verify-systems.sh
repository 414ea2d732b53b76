#!/usr/bin/env bash
# Checks that noteproof compiles and passes go vet on the other systems where it runs: all of it on macOS, and what is made for Linux
# only on arm64.
set -euo pipefail
cd "$(dirname "$0")/.."

export CGO_ENABLED=0
GOOS=darwin GOARCH=arm64 go vet ./... || { echo "This is what go vet finds on macOS."; exit 1; }
GOOS=linux GOARCH=arm64 go vet ./harness/internal/nodeimage/tools || { echo "This is what go vet finds on arm64."; exit 1; }

# decision runs prerequisites.sh on a Debian without an engine, with these functions in place of what it asks the machine, and prints
# whether it installs.
decision() {
  (
    # shellcheck source=scripts/prerequisites.sh
    . scripts/prerequisites.sh
    unset CI NOTEPROOF_ENGINE NOTEPROOF_INSTALLED NOTEPROOF_INSTALLED_BUILDERS
    on_debian() { true; }
    have() { [ "$1" = apt-get ]; }
    check_go() { true; }
    works() { false; }
    check_builders() { true; }
    in_container() { false; }
    terminal() { false; }
    sudo() { false; } # asks for a password
    install_packages() { echo "installs $packages" && exit 0; }
    eval "$1"
    main
  ) 2>&1
}

root='id() { echo 0; }' user='id() { echo 1000; }' container='in_container() { true; }' terminal='terminal() { true; }'
failed=0
expect() { # installs or refuses, the machine, the answer at the terminal
  local said status=0
  said=$(decision "$2" <<<"${3:-}") || status=$?
  case $1 in
  installs) [[ $status -eq 0 && $said == *"installs "*podman* ]] ;;
  refuses) [[ $status -eq 1 && $said != *"installs "*podman* && $said == *"apt-get install"*podman* ]] ;;
  esac && return
  echo "With $2${3:+ and the answer $3} prerequisites.sh does not do what is wanted ($1): status $status"
  echo "$said"
  failed=1
}
expect installs "$root; $container"
expect installs "$root; CI=true"
expect installs "$user; CI=true; sudo() { true; }"
expect installs "$root; $terminal" y
expect installs "$user; $terminal" yes
expect refuses "$root"
expect refuses "$root; CI=false"
expect refuses "$user; $container"
expect refuses "$user; CI=true"
expect refuses "$user; sudo() { true; }"
expect refuses "$root; $terminal" n
expect refuses "$root; $terminal"
exit "$failed"
