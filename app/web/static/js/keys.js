// What every page with keys of its own needs to know of a key.

// Whether something is typed, or chosen with letters, where the key was pressed.
export function isField(target) {
  return Boolean(target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]"));
}
