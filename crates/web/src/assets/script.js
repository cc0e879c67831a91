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

  // The camera: its picture becomes the form's file. Where the page guides, small pictures are sent and what the answer
  // says is shown, until it asks for the photo or says that it is over.
  const SMALL = { side: 240, quality: 0.6, bytes: 30000 };
  const LARGE = { side: 1280, quality: 0.92 };
  for (const box of all("[data-camera]")) {
    const video = box.querySelector("video");
    const seen = box.querySelector("img");
    const [open, take, again] = all("button", box);
    const input = document.getElementById(box.dataset.camera);
    const failed = box.querySelector(".error");
    const told = box.querySelector("[role=status]");
    const bar = box.querySelector("progress");
    const { guided } = box.dataset;
    let stream;
    const show = (state) => {
      box.querySelector(".camera").hidden = state === "closed";
      video.parentNode.querySelector("svg").toggleAttribute("hidden", state !== "live");
      video.hidden = state !== "live";
      seen.hidden = state !== "taken";
      open.hidden = state !== "closed";
      take.hidden = state !== "live" || Boolean(guided);
      again.hidden = state !== "taken";
    };
    const stop = () => stream && stream.getTracks().forEach((track) => track.stop());
    // What the oval's frame shows, three by four: the middle of what the camera sees.
    const picture = ({ side, quality }) => {
      const high = guided ? Math.min(video.videoHeight, (video.videoWidth * 4) / 3) : video.videoHeight;
      const wide = guided ? (high * 3) / 4 : video.videoWidth;
      const scale = Math.min(1, side / Math.max(wide, high));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(wide * scale);
      canvas.height = Math.round(high * scale);
      const [x, y] = [(video.videoWidth - wide) / 2, (video.videoHeight - high) / 2];
      canvas.getContext("2d").drawImage(video, x, y, wide, high, 0, 0, canvas.width, canvas.height);
      return new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
    };
    const keep = (blob) => {
      const files = new DataTransfer();
      files.items.add(new File([blob], "photo.jpg", { type: "image/jpeg" }));
      input.files = files.files;
      URL.revokeObjectURL(seen.src);
      seen.src = URL.createObjectURL(blob);
      stop();
      show("taken");
    };
    const say = ({ hint, text, done, turns }) => {
      told.hidden = false;
      if (told.textContent !== text) told.textContent = text;
      box.dataset.hint = hint;
      if (turns) bar.max = turns;
      bar.value = done;
    };
    const ask = async (path, request) => {
      const answer = await fetch(guided + path, { method: "POST", credentials: "same-origin", ...request });
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    };
    const guide = async () => {
      const nonce = document.getElementById("challenge");
      let next = await ask("/challenge", { body: new URLSearchParams({ csrf: input.form.elements.csrf.value }) });
      nonce.value = next.challenge || "";
      say(next);
      while (next.hint !== "photo" && next.hint !== "over") {
        const from = performance.now();
        let small = await picture(SMALL);
        if (small.size > SMALL.bytes) small = await picture({ ...SMALL, quality: 0.4 });
        next = await ask("/frames", { body: small, headers: { "content-type": "image/jpeg", "x-challenge": nonce.value } });
        say(next);
        const rest = 220 - (performance.now() - from);
        if (rest > 0) await new Promise((done) => setTimeout(done, rest));
      }
      if (next.hint === "photo") {
        keep(await picture(LARGE));
        input.form.requestSubmit();
      } else {
        stop();
        show("closed");
      }
    };
    const start = async () => {
      failed.hidden = true;
      try {
        const size = guided ? { height: { ideal: 1280 } } : { width: { ideal: 1280 } };
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", ...size } });
        video.srcObject = stream;
        await video.play();
        show("live");
        box.scrollIntoView({ block: "start" });
        if (guided) await guide();
      } catch {
        stop();
        show("closed");
        failed.hidden = false;
      }
    };
    open.onclick = again.onclick = start;
    take.onclick = async () => keep(await picture(LARGE));
    // A file chosen by hand ends no challenge.
    input.addEventListener("change", () => guided && (document.getElementById("challenge").value = ""));
    addEventListener("pagehide", stop);
    show("closed");
  }
})();
