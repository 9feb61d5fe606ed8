// A button that copies, beside each text that is made to be copied.
const copied = (button) => {
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
};

const added = (place, text, name) => {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy: ${name}`);
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text());
    copied(button);
  });
  place.append(button);
};

// Puts the buttons into a part of the page. Browsers give the clipboard to safe origins only; elsewhere the text
// can be selected.
const offered = (part) => {
  if (!navigator.clipboard) return;
  for (const figure of part.querySelectorAll(".snippet")) {
    const title = figure.querySelector("figcaption");
    added(title, () => figure.querySelector("code").textContent, title.textContent);
  }
  for (const line of part.querySelectorAll("[data-copy]")) {
    const text = line.textContent;
    line.append(" ");
    added(line, () => text.trim(), line.previousElementSibling.textContent);
  }
};

offered(document);
