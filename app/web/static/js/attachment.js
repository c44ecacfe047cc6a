// Shows the chosen file with its size and a way to take it back; a file that is too large is refused before sending.

const MEGABYTE = 1024 * 1024;
const part = document.querySelector("[data-attachment]");

if (part) {
  const input = part.querySelector("input[type=file]");
  input.addEventListener("change", () => show(input));
  window.addEventListener("pageshow", () => input.files.length > 0 && show(input));
  part.querySelector("[data-remove]").addEventListener("click", () => remove(input));
  input.form.addEventListener("submit", (event) => refuseTooLarge(event, input), { capture: true });
}

function show(input) {
  const [file] = input.files;
  part.querySelector("[data-chosen]").hidden = !file;
  const note = part.querySelector("[data-size]");
  note.textContent = file ? note.dataset.size.replace("{size}", size(file.size)) : "";
  complain(file && tooLarge(file) ? part.dataset.tooLarge.replace("{size}", size(file.size)) : "", input);
}

function remove(input) {
  input.value = "";
  show(input);
  input.focus();
}

function refuseTooLarge(event, input) {
  if (!input.files[0] || !tooLarge(input.files[0])) return;
  if (!event.defaultPrevented) input.focus();
  event.preventDefault();
}

function complain(message, input) {
  part.querySelector(".field-error").textContent = message;
  part.classList.toggle("is-wrong", Boolean(message));
  input.setAttribute("aria-invalid", message ? "true" : "false");
}

function tooLarge(file) {
  return file.size > Number(part.dataset.most);
}

function size(bytes) {
  const unit = bytes < MEGABYTE ? ["kilobyte", 1024] : ["megabyte", MEGABYTE];
  return new Intl.NumberFormat(document.documentElement.lang, {
    style: "unit", unit: unit[0], maximumFractionDigits: 1,
  }).format(bytes / unit[1]);
}
