// Copies the field that a button names; without scripts the button stays hidden.
for (const button of document.querySelectorAll("button[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const told = document.getElementById(button.dataset.told);
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.focus();
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      // Without https there is no clipboard to write to, but the older way.
      if (!document.execCommand("copy")) return;
    }
    told.textContent = told.dataset.words;
  });
}
