// Enhancement only: every page works without this, but for the camera. No text is made here and no markup is parsed into a live page.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Takes the page at `url` and puts its live parts in the place of ours.
  let asked;
  const refresh = (url, then) => {
    if (asked) asked.abort();
    const request = (asked = new XMLHttpRequest());
    request.open("GET", url);
    request.responseType = "document";
    request.onload = () => {
      const page = request.response;
      if (!page || request.status >= 500) return;
      for (const part of all("[data-live]")) {
        const fresh = page.getElementById(part.id);
        if (fresh) part.replaceWith(document.adoptNode(fresh));
      }
      if (then) then(request.responseURL);
    };
    request.send();
  };

  // The calculator: slider and number say the same, figures follow.
  const quote = document.querySelector("form[data-quote]");
  if (quote) {
    let wait;
    const ask = () => {
      clearTimeout(wait);
      wait = setTimeout(() => {
        const url = quote.action + "?" + new URLSearchParams(new FormData(quote));
        refresh(url, () => history.replaceState(null, "", url));
      }, 90);
    };
    const digits = (text) => text.replace(/[^0-9]/g, "");
    const group = (text) => digits(text).replace(/\B(?=(\d{3})+$)/g, "\u00a0");
    quote.addEventListener("input", ({ target }) => {
      const twin = document.getElementById(target.dataset.twin || "");
      if (twin) twin.value = target.type === "range" ? group(target.value) : digits(target.value);
      if (target.type === "radio") quote.submit();
      else ask();
    });
    quote.addEventListener("change", ({ target }) => {
      if (target.inputMode === "numeric") target.value = group(target.value);
    });
  }

  // What is under way is looked at again until it is not.
  const follow = () => {
    const part = document.querySelector("[data-follow]");
    if (part) setTimeout(() => refresh(location.href, follow), 1500);
  };
  follow();

  // A form is sent once.
  const calm = () => {
    for (const form of all("form")) delete form.dataset.sent;
    for (const button of all("[aria-busy]")) button.removeAttribute("aria-busy");
  };
  addEventListener("submit", (event) => {
    if (event.target.dataset.sent) return event.preventDefault();
    if (event.target.method === "post") event.target.dataset.sent = "yes";
    for (const button of all("button", event.target)) button.setAttribute("aria-busy", "true");
    setTimeout(calm, 10000);
  });
  addEventListener("pageshow", calm);

  const summary = document.getElementById("errors");
  if (summary) summary.focus();

  addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) print();
  });

  // The camera: its picture becomes the form's file.
  for (const box of all("[data-camera]")) {
    const video = box.querySelector("video");
    const seen = box.querySelector("img");
    const [open, take, again] = all("button", box);
    const input = document.getElementById(box.dataset.camera);
    const failed = box.querySelector("[role=alert]");
    let stream;
    const show = (state) => {
      box.querySelector(".camera").hidden = state === "closed";
      video.parentNode.querySelector("svg").toggleAttribute("hidden", state !== "live");
      video.hidden = state !== "live";
      seen.hidden = state !== "taken";
      open.hidden = state !== "closed";
      take.hidden = state !== "live";
      again.hidden = state !== "taken";
    };
    const start = async () => {
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", width: { ideal: 1280 } } });
        video.srcObject = stream;
        await video.play();
        show("live");
      } catch {
        failed.hidden = false;
      }
    };
    const stop = () => stream && stream.getTracks().forEach((track) => track.stop());
    open.onclick = again.onclick = start;
    take.onclick = () => {
      const { videoWidth: width, videoHeight: height } = video;
      const scale = Math.min(1, 1280 / Math.max(width, height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
      canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => {
        const files = new DataTransfer();
        files.items.add(new File([blob], "photo.jpg", { type: "image/jpeg" }));
        input.files = files.files;
        URL.revokeObjectURL(seen.src);
        seen.src = URL.createObjectURL(blob);
        stop();
        show("taken");
      }, "image/jpeg", 0.9);
    };
    addEventListener("pagehide", stop);
    show("closed");
  }
})();
