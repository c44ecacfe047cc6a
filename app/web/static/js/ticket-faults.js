// Says before sending what is missing, in the same words and places as the server: the chosen file is not lost.

const form = document.querySelector("form[data-draft]");

form?.addEventListener("submit", (event) => {
  const faults = [...form.querySelectorAll("[data-missing]")].map((field) => [field, fault(field)]);
  for (const [field, text] of faults) mark(field, text);
  if (!faults.some(([, text]) => text)) return;
  event.preventDefault();
  summarise(faults.filter(([, text]) => text));
}, { capture: true });

function fault(field) {
  if (!field.value.trim()) return field.dataset.missing;
  return field.validity.typeMismatch ? field.dataset.wrong : "";
}

function mark(field, text) {
  field.closest(".field").classList.toggle("is-wrong", Boolean(text));
  field.setAttribute("aria-invalid", text ? "true" : "false");
  document.getElementById(`${field.id}-error`).textContent = text;
}

function summarise(faults) {
  const summary = document.querySelector("[data-faults-template]").content.firstElementChild.cloneNode(true);
  const line = summary.querySelector("li");
  line.replaceWith(...faults.map(([field, text]) => {
    const item = line.cloneNode(true);
    Object.assign(item.querySelector("a"), { href: `#${field.id}`, textContent: text });
    return item;
  }));
  document.querySelector("[data-faults]").replaceChildren(summary);
  summary.focus();
}
