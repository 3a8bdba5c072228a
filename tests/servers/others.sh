#!/usr/bin/env bash
# Fetches the POP3 servers beside Dovecot (Debian packages), and Poco, and unpacks each into a folder of its own below .venv/servers.
# Nothing is installed: no script of a package runs, no service starts, the machine's list of packages stays as it is.
# Names of folders as arguments: only these. Does nothing for what is there. What cannot be had is told and remembered, and the tests that need it are skipped.
set -u -o pipefail
cd "$(dirname "$0")/../.."
target="$PWD/.venv/servers"

# folder: packages. The others that they need and this machine lacks come with them.
servers="courier: courier-pop courier-authlib-userdb
cyrus: cyrus-pop3d cyrus-imapd libsasl2-modules libsasl2-modules-db sasl2-bin
popa3d: popa3d
solid: solid-pop3d
mailutils: mailutils-pop3d
poco: libpoco-dev libpocofoundation80 libpoconet80 libpcre3"

# Needed only by maintainer scripts, or to send mail, or to build other programs.
unwanted='^(exim4|perl|libperl|libgnutls28-dev|gnutls-bin|bsd-mailx)[-_.0-9]'

# Its own user could not write into a folder of this one; and a machine without a network shall not wait for one.
options=(-o APT::Sandbox::User=root -o Acquire::Retries=0 -o Acquire::http::Timeout=20)

fetch() { # folder package...
  local folder=$1 && shift
  case $folder in
    # Its whole family depends on every database there is; four packages are enough to build a POP3 client.
    poco) (cd "$target/poco/debs" && apt-get download -q "${options[@]}" "$@" </dev/null) ;;
    *)
      DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends --download-only -o Debug::NoLocking=1 \
        "${options[@]}" -o Dir::Cache::archives="$target/$folder/debs" "$@" </dev/null
      ;;
  esac
}

unpack() { # folder
  local files=$target/$1/files link package
  mkdir -p "$files"/usr/{bin,sbin,lib,lib32,lib64,libx32}
  # As in Debian's root: a folder /lib here would hide the machine's link of that name.
  for link in bin sbin lib lib32 lib64 libx32; do ln -s "usr/$link" "$files/$link"; done
  for package in "$target/$1"/debs/*.deb; do
    if [[ ! ${package##*/} =~ $unwanted ]]; then
      dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink -C "$files" || return 1
    fi
  done
}

updated=
while IFS=: read -r folder packages; do
  [ $# -eq 0 ] || [[ " $* " == *" $folder "* ]] || continue
  here=$target/$folder
  if [ -e "$here/ready" ] && [ "$(cat "$here/ready")" = "$packages" ]; then continue; fi
  rm -rf "$here"
  mkdir -p "$here/debs/partial"
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "this is not Debian" >"$here/failed"
  elif [ "$folder" != poco ] && [ "$(id -u)" != 0 ]; then
    echo "only root can run it" >"$here/failed"
  else
    echo "make test: fetching$packages"
    # shellcheck disable=SC2086 # a list of words
    if ! fetch "$folder" $packages >"$here/log" 2>&1; then
      # The lists of packages may be missing or old.
      if [ -z "$updated" ] && [ "$(id -u)" = 0 ]; then
        apt-get update -q "${options[@]}" >>"$here/log" 2>&1
        updated=yes
      fi
      fetch "$folder" $packages >>"$here/log" 2>&1 || grep '^E:' "$here/log" | tail -n 1 >"$here/failed"
    fi
    if [ ! -e "$here/failed" ] && ! unpack "$folder" >>"$here/log" 2>&1; then tail -n 1 "$here/log" >"$here/failed"; fi
  fi
  rm -rf "$here/debs"
  if [ -e "$here/failed" ]; then
    echo "make test: no $folder: $(cat "$here/failed")"
  else
    printf '%s' "$packages" >"$here/ready"
  fi
done <<<"$servers"
exit 0
