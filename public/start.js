// Starts the app. Trunk's own start script is inline, which the server's CSP
// forbids; this file does its work. The hashed names of the wasm and of its
// JavaScript stand in two preload links that Trunk writes (see Trunk.toml).

const link = (id) => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no link #${id}: was it built by Trunk?`);
  return found.href;
};

try {
  const { default: init } = await import(link("app-js"));
  await init({ module_or_path: link("app-wasm") });
} catch (error) {
  console.error("Holdfast did not start:", error);
  // The app says for itself what went wrong once it has drawn anything.
  if (!document.body.querySelector(":scope > :not(noscript, script)")) {
    const notice = document.createElement("p");
    notice.setAttribute("role", "alert");
    notice.textContent = "Holdfast could not start. Reload the page; if that does not help, "
      + "use a current version of Firefox, Chrome, Edge or Safari. "
      + `(${error instanceof Error ? error.message : error})`;
    document.body.append(notice);
  }
}
