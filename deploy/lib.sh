# shellcheck shell=bash
# Shared by the scripts beside it; sourced, not run.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\n==> %s\n' "$*"; }

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# listed FILE...: the package names in deploy/packages/FILE.
listed() {
  local list
  for list in "$@"; do sed 's/#.*//' "deploy/packages/$list"; done | xargs -n1 | sort -u
}

# missing PACKAGE...: those that are not installed.
missing() {
  local package
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null) == ii* ]] || echo "$package"
  done
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif ! command -v sudo >/dev/null; then
    die "packages are missing and this is neither root nor is there sudo; as root run: apt-get install ${needed[*]}"
  elif [[ -t 0 ]]; then
    sudo "$@"
  else
    sudo -n "$@" || die "sudo asks for a password and there is no terminal; as root run: apt-get install ${needed[*]}"
  fi
}

# need_packages FILE...: installs what those lists name and what is missing.
need_packages() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    die "this needs Debian 12 or a descendant with apt; deploy/packages lists what to install by hand"
  fi
  local needed
  # shellcheck disable=SC2046  # package names have no spaces
  mapfile -t needed < <(missing $(listed "$@"))
  ((${#needed[@]})) || return 0
  say "Installing ${#needed[@]} packages: ${needed[*]}"
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${needed[@]}" </dev/null ||
    die "apt could not install all of: ${needed[*]}"
}

# configure PRESET [CMAKE_OPTION...]
configure() {
  local preset=$1
  cmake --preset "$@" >"build/$preset.log" 2>&1 || {
    cat "build/$preset.log" >&2
    die "cmake could not configure preset $preset"
  }
}

# build PRESET [BUILD_OPTION...]: configures and compiles build/PRESET.
build() {
  local preset=$1
  shift
  say "Building build/$preset"
  configure "$preset"
  cmake --build "build/$preset" --parallel "$(nproc)" "$@"
}

# What was compiled once is not compiled again for another checkout on the same machine.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1

mkdir -p build
