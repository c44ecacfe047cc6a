// Shows which step comes next: the first one that is not ticked after the last that is. The ticks themselves are kept by trail.js.
const lists = document.querySelectorAll("ol.steps");

document.addEventListener("change", ({ target }) => target.name === "step" && mark(target.closest("ol.steps")));
window.addEventListener("pageshow", () => lists.forEach(mark));
lists.forEach(mark);

function mark(list) {
  const boxes = [...list.querySelectorAll("input[name=step]")];
  const last = boxes.findLastIndex((box) => box.checked);
  boxes.forEach((box, index) => {
    const current = last >= 0 && index === last + 1;
    const step = box.closest(".step");
    step.classList.toggle("is-current", current);
    if (current) step.setAttribute("aria-current", "step");
    else step.removeAttribute("aria-current");
  });
}
