// Sends the feedback and shows the thanks in its place, so that the reader stays where they read.
const section = document.querySelector("#feedback");
const form = section?.querySelector("form[data-feedback]");

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (form.dataset.sending) return;
  form.dataset.sending = "true";
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (!answer.ok) throw new Error(answer.status);
    showThanks(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    form.querySelector("[data-error]").textContent = form.dataset.failed;
    delete form.dataset.sending;
  }
});

function showThanks(page) {
  section.replaceChildren(...page.querySelector("#feedback").childNodes);
  const heading = section.querySelector("h2");
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}
