// Files to upload: what was chosen and how large it is, and a clear word before too much is sent.

const input = document.querySelector("input[type=file][data-most]");
const megabyte = 1024 * 1024;

function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < megabyte ? `${Math.round(bytes / 1024)} kB` : `${(bytes / megabyte).toFixed(1)} MB`;
}

function look() {
  const files = [...input.files];
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const isTooMuch = total > Number(input.dataset.most);
  input.setCustomValidity(isTooMuch ? `${size(total)} chosen, at most ${size(Number(input.dataset.most))} at once` : "");
  let list = document.getElementById("chosen-files");
  if (!list) {
    list = document.createElement("div");
    list.id = "chosen-files";
    list.setAttribute("role", "status");
    input.after(list);
  }
  list.className = isTooMuch ? "wrong" : "hint";
  const names = files.map((file) => `${file.name} (${size(file.size)})`).join(", ");
  list.textContent = isTooMuch ? `${input.validationMessage}: ${names}` : names;
  return !isTooMuch;
}

if (input) {
  input.addEventListener("change", look);
  input.form.addEventListener("submit", (event) => {
    if (look()) {
      const button = input.form.querySelector("button.btn-main");
      if (button) button.textContent = `${button.textContent.trim()} …`;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    input.focus();
  });
}
