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
    const { ncalayer, content, iin, lang } = box.dataset;
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
        signerParams: { extKeyUsageOids: ["1.3.6.1.5.5.7.3.4"], iin },
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
