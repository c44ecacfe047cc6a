// What is not on the server yet, kept in this browser until it is: per agent and contact, deleted as soon as it is saved.

const PREFIX = "wegweiser.call";

export function keep(agent, contact) {
  try {
    localStorage.setItem(`${PREFIX}.${agent}.${contact.id}`, JSON.stringify(contact));
  } catch {
    // Full or forbidden storage: the text stands on the page only, and the line below it says that it is not saved.
  }
}

export function drop(agent, contact) {
  try {
    localStorage.removeItem(`${PREFIX}.${agent}.${contact.id}`);
  } catch {
    // Forbidden storage holds nothing.
  }
}

export function kept(agent) {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(`${PREFIX}.${agent}.`));
    return keys.flatMap((key) => read(localStorage.getItem(key)));
  } catch {
    return [];
  }
}

function read(text) {
  try {
    const contact = JSON.parse(text);
    return contact?.id && Array.isArray(contact.events) ? [contact] : [];
  } catch {
    return [];
  }
}
