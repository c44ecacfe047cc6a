// What was typed into a form and not sent yet, kept in this tab only.

const PREFIX = "wegweiser.draft.";

export function draft(name) {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + name)) ?? {};
  } catch {
    return {};
  }
}

export function keepDraft(name, fields) {
  try {
    sessionStorage.setItem(PREFIX + name, JSON.stringify(fields));
  } catch {
    // Full or forbidden storage: there is no draft, and the form still sends.
  }
}

export function forgetDraft(name) {
  keepDraft(name, {});
}
