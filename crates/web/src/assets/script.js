// Enhancement only: every page works without this, but for the camera and NCALayer. No text is made here and no markup is parsed into a live page.
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
      const follows = Boolean(page.querySelector("[data-follow]"));
      for (const part of all("[data-live]")) {
        const fresh = page.getElementById(part.id);
        if (fresh) part.replaceWith(document.adoptNode(fresh));
      }
      if (then) then(follows);
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

  // What is under way is looked at again until it is not; then on, if that leads to another form.
  const follow = () => {
    const part = document.querySelector("[data-follow]");
    const on = part && part.dataset.follow;
    const look = () => refresh(location.href, (follows) => (on && !follows ? location.replace(on) : follow()));
    if (part) setTimeout(look, 1500);
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

  // NCALayer, a program on this machine that signs: nothing is asked of it before a button is pressed.
  for (const box of all("[data-ncalayer]")) {
    const { ncalayer, content, iin, bin, lang } = box.dataset;
    const form = document.getElementById(box.dataset.form);
    const buttons = all("button", box);
    const say = (what) => {
      for (const line of all("[data-say]", box)) line.hidden = line.dataset.say !== what;
    };

    // It speaks first; until then it may be the browser that asks the person.
    const open = () =>
      new Promise((opened, failed) => {
        const socket = new WebSocket(`wss://127.0.0.1:${ncalayer}`);
        socket.onmessage = () => opened(socket);
        socket.onerror = socket.onclose = async () => failed((await denied()) ? "blocked" : "absent");
      });
    // To a page, a forbidden connection looks like one to nobody; only the permission tells them apart.
    const denied = async () => {
      for (const name of ["loopback-network", "local-network-access"]) {
        const found = await navigator.permissions.query({ name }).catch(() => null);
        if (found && found.state === "denied") return true;
      }
      return false;
    };
    // Answers carry no number: one request at a time.
    const call = (socket, module, method, args) =>
      new Promise((answered, failed) => {
        socket.onmessage = ({ data }) => {
          if (data === "--heartbeat--") return;
          try {
            answered(JSON.parse(data));
          } catch {
            failed("failed");
          }
        };
        socket.onerror = socket.onclose = () => failed("failed");
        socket.send(JSON.stringify({ module: `kz.gov.pki.knca.${module}`, method, args }));
      });
    const base64 = async () => {
      const answer = await fetch(content);
      if (!answer.ok) throw "failed";
      const reader = new FileReader();
      const read = new Promise((done) => (reader.onload = done));
      reader.readAsDataURL(await answer.blob());
      await read;
      return reader.result.split(",")[1];
    };

    const sign = async (socket, storages) => {
      const data = await base64();
      const answer = await call(socket, "basics", "sign", {
        allowedStorages: storages,
        format: "cms",
        data,
        signingParams: { decode: true, encapsulate: false, digested: false, tsaProfile: {} },
        signerParams: { extKeyUsageOids: ["1.3.6.1.5.5.7.3.4"], iin, bin },
        locale: lang,
      });
      if ("status" in answer) {
        if (!answer.status) throw "failed";
        return [(answer.body || {}).result].flat()[0];
      }
      // A version from before that module answers in the form of the other one.
      const common = await call(socket, "commonUtils", "createCMSSignatureFromBase64", [storages[0], "SIGNATURE", data, false]);
      if (common.code !== "200" && common.message !== "action.canceled") throw "failed";
      return common.responseObject;
    };

    const begin = async (storage) => {
      let socket;
      say("connecting");
      try {
        socket = await open();
        let storages = [storage];
        if (!storage) {
          const found = await call(socket, "commonUtils", "getActiveTokens");
          storages = (found.responseObject || []).filter((name) => name !== "PKCS12");
          if (!storages.length) throw "empty";
        }
        say("signing");
        const signature = await sign(socket, storages);
        if (!signature) throw "cancelled";
        form.elements.signature.value = signature;
        form.elements.storage.value = storages[0];
        form.requestSubmit();
      } catch (why) {
        say(typeof why === "string" ? why : "failed");
        for (const button of buttons) button.disabled = false;
      } finally {
        if (socket) {
          socket.onerror = socket.onclose = null;
          socket.close();
        }
      }
    };
    for (const button of buttons) {
      button.onclick = () => {
        for (const other of buttons) other.disabled = true;
        begin(button.dataset.storage);
      };
    }
  }

  // The camera: its picture becomes the form's file.
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
