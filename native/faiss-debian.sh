#!/usr/bin/env bash
# Fetches FAISS (headers and static library) from Debian's or Ubuntu's package libfaiss-dev into
# native/target/faiss, where the build looks for it. Needs no root and installs nothing; run again
# after `mvn clean`. BLAS is not fetched: the build links FAISS to the OpenBLAS it uses anyway.
# With --source also the source of that version into native/target/faiss-source, for FAISS-GPU
# (mvn package -Dfaiss.gpu.source=<that folder>, cmake/FaissGpu.cmake).
set -euo pipefail
folder="$(cd "$(dirname "$0")" && pwd)/target"
target="$folder/faiss"
source="$folder/faiss-source"
package=libfaiss-dev
with_source=""
case "${1-}" in
  "") ;;
  --source) with_source=yes ;;
  *)
    echo "unknown option $1; accepted: --source" >&2
    exit 2
    ;;
esac

for tool in apt-get dpkg-deb; do
  command -v "$tool" >/dev/null || {
    echo "$tool is not there: this script is for Debian and Ubuntu" >&2
    exit 1
  }
done
mkdir -p "$target"
work="$(mktemp -d "$target/fetch.XXXXXX")"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
# Downloading into a folder of one's own needs no other user to do it.
apt=(apt-get -q -o APT::Sandbox::User=)
own=(-o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" -o Debug::NoLocking=true)
cd "$work"

fetch_package() {
  if ! "${apt[@]}" download "$package" 2>"$work/first.log"; then
    # No package lists, or old ones that name a file which is gone: fresh ones, in a folder of ours.
    apt+=("${own[@]}")
    if ! "${apt[@]}" update >"$work/update.log" 2>&1 || ! "${apt[@]}" download "$package"; then
      cat "$work/first.log" "$work/update.log" >&2
      echo "$package could not be fetched" >&2
      exit 1
    fi
  fi
  dpkg-deb -x "$package"_*.deb "$work/unpacked"
  rm -rf "$target/usr"
  mv "$work/unpacked/usr" "$target/usr"
  echo "FAISS $(basename "$package"_*.deb .deb | cut -d_ -f2) is in native/target/faiss"
}

# The system's own sources, as sources of source packages.
source_lists() {
  local file
  mkdir "$work/sources.d"
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -f "$file" ] && sed 's/^Types:.*/Types: deb-src/' "$file" >"$work/sources.d/${file##*/}"
  done
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -f "$file" ] && sed -n 's/^deb /deb-src /p' "$file" >"$work/sources.d/$(basename "$file" .list).list"
  done
  return 0
}

fetch_source() {
  local define version
  define='#define FAISS_VERSION_'
  version="$(sed -n "s/^${define}[A-Z]* //p" "$target/usr/include/faiss/Index.h" | paste -sd.)"
  source_lists
  apt+=("${own[@]}" -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$work/sources.d")
  if ! "${apt[@]}" update >"$work/update.log" 2>&1 ||
    ! "${apt[@]}" --download-only source faiss >"$work/source.log" 2>&1; then
    cat "$work/update.log" "$work/source.log" >&2 2>/dev/null || true
    echo "the source of faiss could not be fetched" >&2
    exit 1
  fi
  if [ ! -f "faiss_$version.orig.tar.gz" ]; then
    echo "FAISS is $version, but the source fetched is $(echo faiss_*.orig.tar.*)" >&2
    exit 1
  fi
  mkdir "$work/tree"
  tar -xf "faiss_$version.orig.tar.gz" -C "$work/tree" --strip-components=1
  rm -rf "$source"
  mv "$work/tree" "$source"
  echo "the source of FAISS $version is in native/target/faiss-source"
}

if [ -f "$target/usr/include/faiss/Index.h" ]; then
  echo "FAISS is in native/target/faiss already"
else
  fetch_package
fi
[ -z "$with_source" ] || fetch_source
