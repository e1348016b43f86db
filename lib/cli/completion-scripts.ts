import type { Shell } from './completion.ts';

/**
 * Each asks `tailrace __complete`, whose first line says what follows: `words` (then a line each,
 * with a description behind a tab), `files` or `directories` (then nothing: the shell knows them).
 */
export const completionScripts: Readonly<Record<Shell, string>> = {
  bash: `# bash completion of tailrace
_tailrace() {
  local kind='' line word="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ -z $kind ]]; then kind=$line; else COMPREPLY+=("\${line%%$'\\t'*}"); fi
  done < <("$1" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  [[ $kind == words ]] && return
  compopt -o filenames 2>/dev/null
  local flag=-f
  [[ $kind == directories ]] && flag=-d
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen $flag -- "$word")
}
complete -F _tailrace tailrace
`,
  zsh: `#compdef tailrace
_tailrace() {
  local -a found described
  found=("\${(@f)$("$words[1]" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  case $found[1] in
    words)
      described=("\${(@)found[2,-1]//:/\\\\:}")
      described=("\${(@)described/$'\\t'/:}")
      _describe -V tailrace described
      ;;
    directories) _files -/ ;;
    *) _files ;;
  esac
}
if [[ $funcstack[1] == _tailrace ]]; then _tailrace "$@"; else compdef _tailrace tailrace; fi
`,
  fish: `# fish completion of tailrace
function __tailrace_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l found ($words[1] __complete -- $words[2..-1] "$current" 2>/dev/null)
    switch "$found[1]"
        case words
            set -e found[1]
            printf '%s\\n' $found
        case directories
            __fish_complete_directories "$current"
        case '*'
            __fish_complete_path "$current"
    end
end
complete -c tailrace -f -a '(__tailrace_complete)'
`,
};
