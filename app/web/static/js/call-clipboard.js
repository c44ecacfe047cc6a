// Puts a text onto the clipboard; over plain HTTP, where browsers have no clipboard for pages, the old way.

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyTheOldWay(text);
  }
}

function copyTheOldWay(text) {
  const before = document.activeElement;
  const box = Object.assign(document.createElement("textarea"), { value: text, className: "visually-hidden", readOnly: true });
  document.body.append(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  before?.focus();
  return done;
}
