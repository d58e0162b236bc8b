// The panic screen. It must work when the app does not, so it uses nothing of it: it reads
// the unsent edits straight from IndexedDB (each record: 9 bytes of header, then JSON).

const HEADER_BYTES = 9;

const button = (text, primary, act) => {
  const element = document.createElement("button");
  element.type = "button";
  element.className = primary ? "button primary" : "button";
  element.textContent = text;
  element.addEventListener("click", act);
  return element;
};

const opened = (name) => new Promise((resolve, reject) => {
  const request = indexedDB.open(name);
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const records = (database, table) => new Promise((resolve, reject) => {
  const request = database.transaction(table).objectStore(table).getAll();
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const saveUnsent = async (note) => {
  try {
    const name = localStorage.getItem("holdfast.database");
    const database = await opened(name);
    const decoded = async (table) => (await records(database, table))
      .map((bytes) => JSON.parse(new TextDecoder().decode(new Uint8Array(bytes).subarray(HEADER_BYTES))));
    const edits = { outbox: await decoded("outbox"), tray: await decoded("tray") };
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(edits, null, 2)], { type: "application/json" }));
    link.download = "holdfast-unsent-edits.json";
    link.click();
    note.textContent = `${edits.outbox.length} unsent and ${edits.tray.length} refused edits saved.`;
  } catch (error) {
    note.textContent = `The edits could not be read: ${error}`;
  }
};

window.addEventListener("holdfast-panic", (event) => {
  if (document.querySelector(".panic")) return;
  const screen = document.createElement("div");
  screen.className = "panic";
  screen.setAttribute("role", "alertdialog");
  screen.setAttribute("aria-label", "Holdfast has failed");
  const title = document.createElement("h1");
  title.textContent = "Something went wrong";
  const text = document.createElement("p");
  text.textContent = "Holdfast had to stop. What it had marked as queued is kept on this device and will be sent after a reload.";
  const note = document.createElement("p");
  note.setAttribute("role", "status");
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  summary.textContent = "What happened";
  const message = document.createElement("pre");
  message.textContent = event.detail;
  details.append(summary, message);
  const actions = document.createElement("div");
  actions.className = "panic-actions";
  const reload = button("Reload", true, () => location.reload());
  actions.append(reload, button("Save unsent edits as a file", false, () => saveUnsent(note)));
  screen.append(title, text, actions, note, details);
  document.body.append(screen);
  reload.focus();
});
