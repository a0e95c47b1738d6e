# Shared by run.sh and test.sh: a virtual environment with pinned packages, made or renewed when they change.

find_python() {
  local candidate
  for candidate in python3.11 python3 python; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  echo "Python 3.11 is needed and was not found; install it and try again." >&2
  return 1
}

install_into() { # FOLDER REQUIREMENTS…
  local folder=$1 python wanted stamp
  shift
  wanted=$(cat "$@" | cksum)
  stamp="$folder/.installed-$1"
  if [ -x "$folder/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    return
  fi
  python=$(find_python)
  if ! "$folder/bin/python" -c '' 2>/dev/null; then
    echo "Making the virtual environment in $folder …"
    rm -rf "$folder"
    "$python" -m venv "$folder" || {
      echo "Python's venv module does not work; on Debian: apt-get install python3.11-venv" >&2
      return 1
    }
  fi
  echo "Installing the packages of $* (a minute or two) …"
  local arguments=() file
  for file in "$@"; do arguments+=(-r "$file"); done
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "${arguments[@]}"
  echo "$wanted" > "$stamp"
}
