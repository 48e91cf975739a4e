// Ask the browser for a passkey, and send what it answers with the form.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-passkey]");
  if (!form) return;
  event.preventDefault();
  say(form, "");
  // Only over HTTPS or on localhost, and at a name instead of an address.
  if (!window.PublicKeyCredential) return say(form, "unable");
  try {
    const question = await fetch(form.dataset.question, {
      method: "POST",
      body: new FormData(form),
    });
    // The session is over; the page itself leads to where one logs in.
    if (!question.ok || question.redirected) return location.reload();
    form.elements.answer.value = JSON.stringify(
      await ask(form.dataset.passkey, await question.json()),
    );
    form.submit();
  } catch (error) {
    const said = { InvalidStateError: "known", SecurityError: "unable" };
    say(form, said[error.name] || "failed");
  }
});

function ask(kind, options) {
  if (kind === "new") {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    return navigator.credentials.create({ publicKey });
  }
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return navigator.credentials.get({ publicKey });
}

function say(form, what) {
  for (const one of form.querySelectorAll("[data-said]")) {
    one.hidden = one.dataset.said !== what;
  }
}
