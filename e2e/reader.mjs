// A person at a browser. Every page they come to is looked at from all sides before they go on.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { before } from "./head.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const NARROW = { width: 320, height: 640 };

// Run in the page.
const TOO_WIDE = `(() => {
  const { scrollWidth: wide, clientWidth: screen } = document.documentElement;
  const far = (element) => element.getBoundingClientRect().right > screen + 1;
  const whom = () => [...document.body.querySelectorAll("*")].filter(far).slice(-3).map((e) => e.outerHTML.slice(0, 200));
  return wide > screen ? wide + ": " + whom().join("\\n") : "";
})()`;
const KEPT = `(async () => document.documentElement.lang + " " + JSON.stringify([localStorage.length,
  sessionStorage.length, (await indexedDB.databases()).length, (await caches.keys()).length, document.cookie]))()`;
const BARRIERS = `axe.run(document, ${JSON.stringify({ runOnly: { type: "tag", values: TAGS } })}).then((found) =>
  found.violations.map(({ id, nodes }) => id + ": " + nodes.map((node) => node.html + node.failureSummary)).join("\\n"))`;

export const PHONE = { width: 360, height: 740 };
export const DESKTOP = { width: 1280, height: 800 };
const FACE = readFileSync(fileURLToPath(new URL("face.jpg", import.meta.url)));
let taken = 0;

/** The face in a light of its own: a photo that proved something proves nothing again, and what counts is its pixels. */
export function face() {
  const photo = Buffer.from(FACE);
  const light = photo.indexOf(Buffer.from([0xff, 0xdb])) + 5; // the first quantization table
  photo[light + 1 + (taken % 8)] += 1 + Math.floor(taken / 8);
  taken++;
  return photo;
}

/** A browser whose camera sees the face, over and over; `more` are options of its own. */
export function browser(dir, more = []) {
  const film = join(dir, "camera.mjpeg");
  writeFileSync(film, Buffer.concat(Array.from({ length: 60 }, face)));
  return chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
      ...["--disable-component-update", "--disable-sync", "--use-fake-ui-for-media-stream"],
      ...["--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${film}`],
      ...more,
    ],
  });
}

export class Reader {
  /** `options`: Playwright's for a context, `unchecked` for whoever only wants pictures, and `heads` for the camera. */
  static async open(browser, demo, person, { unchecked = false, heads, obeys = true, ...options } = {}) {
    const locale = { kk: "kk-KZ", ru: "ru-RU", en: "en-GB" }[person.lang];
    const given = { ignoreHTTPSErrors: true, locale, viewport: PHONE, ...options };
    const context = await browser.newContext(given);
    context.setDefaultTimeout(15_000);
    if (heads) await context.addInitScript(before, [heads, obeys]);
    const reader = new Reader();
    Object.assign(reader, { demo, person, context, unchecked, lang: person.lang });
    reader.scripts = options.javaScriptEnabled !== false;
    await reader.take(await context.newPage());
    return reader;
  }

  /** The same person with one more tab. */
  async tab() {
    const other = Object.assign(new Reader(), this);
    await other.take(await this.context.newPage());
    return other;
  }

  /** Sits down before a page. */
  async take(page) {
    this.page = page;
    this.faults = [];
    this.cdp = await this.context.newCDPSession(page);
    this.cdp.on("Audits.issueAdded", ({ issue }) => {
      if (issue.code === "ContentSecurityPolicyIssue") this.faults.push(JSON.stringify(issue.details));
    });
    await this.cdp.send("Audits.enable");
    page.on("pageerror", (error) => this.faults.push(String(error)));
    page.on("console", (line) => {
      const answered = line.text().startsWith("Failed to load resource"); // judged by its status, below
      if (line.type() === "error" && !answered) this.faults.push(line.text());
    });
    page.on("request", (request) => this.judgeAddress(request.url()));
    page.on("response", (response) => this.judgeAnswer(response));
  }

  judgeAddress(url) {
    const { iin, phone, password, iban, surname, codes } = this.person;
    const told = decodeURIComponent(url);
    for (const secret of [iin, phone.slice(2), password, iban, surname, ...codes]) {
      if (told.includes(secret)) this.faults.push(`personal data in an address: ${url}`);
    }
    if (/[?&/](\w*token|csrf|code|handle)=|[\w-]{43}/.test(told)) this.faults.push(`a secret in an address: ${url}`);
  }

  async judgeAnswer(response) {
    const url = new URL(response.url());
    if (!url.protocol.startsWith("http")) return;
    const kept = response.headers()["cache-control"];
    const asset = url.pathname.startsWith("/assets/") || url.pathname === "/style.css";
    if (!asset && kept !== "no-store") this.faults.push(`${url} may be kept: ${kept}`);
    if (!response.request().isNavigationRequest() && response.status() >= 400) {
      this.faults.push(`${url}: ${response.status()}`);
    }
  }

  async visit(path, status = 200) {
    const url = path.startsWith("http") ? path : this.demo.url + path;
    const answer = await this.page.goto(url);
    await this.look(answer, status);
  }

  /** Presses what leads to another page. */
  async press(what, status = 200, { times = 1 } = {}) {
    const arrived = this.page.waitForNavigation();
    const pressed = this.page.locator(what).click({ clickCount: times });
    const [answer] = await Promise.all([arrived, pressed]);
    await this.look(answer, status);
  }

  /** Fills fields by their names. */
  async type(fields) {
    for (const [name, value] of Object.entries(fields)) {
      await this.page.locator(`main [name=${name}]:not([type=hidden])`).fill(value);
    }
  }

  /** Waits for something to appear by itself, or, without scripts, by coming back. */
  async until(what, { reload = !this.scripts } = {}) {
    const wanted = this.page.locator(what).first();
    for (let tries = 0; reload && tries < 40 && !(await wanted.isVisible()); tries++) {
      await pause();
      await this.page.reload();
    }
    await wanted.waitFor();
    await this.look();
  }

  /** Everything that must be true of every page. */
  async look(answer, status) {
    const where = `${this.page.url()} (${this.lang})`;
    if (answer) assert.equal(answer.status(), status, `${where}\n${await this.text("main")}`);
    if (this.unchecked) return;
    assert.equal(await this.run(TOO_WIDE, NARROW), "", `${where}: wider than a screen of ${NARROW.width}`);
    if (this.scripts) {
      const ours = this.page.url().startsWith(this.demo.url);
      if (ours) assert.equal(await this.run(KEPT), `${this.lang} [0,0,0,0,""]`, `${where}: language, what the browser keeps`);
      await this.run(`typeof axe === "undefined" && (() => { ${AXE} })()`);
      assert.equal(await this.run(BARRIERS), "", `${where}: cannot be used by everybody`);
    }
    assert.deepEqual(this.faults, [], where);
  }

  /** Evaluates past the page's own policy. */
  async run(expression, viewport = this.page.viewportSize()) {
    const usual = this.page.viewportSize();
    if (viewport !== usual) await this.page.setViewportSize(viewport);
    const asked = { expression, awaitPromise: this.scripts, returnByValue: true };
    const { result, exceptionDetails } = await this.cdp.send("Runtime.evaluate", asked);
    if (viewport !== usual) await this.page.setViewportSize(usual);
    assert.equal(exceptionDetails, undefined, JSON.stringify(exceptionDetails));
    return result.value;
  }

  async text(what) {
    return (await this.page.locator(what).first().innerText()).replaceAll("\u00a0", " ").trim();
  }

  /** All sums of money in a text, in tiyn. */
  async sums(what) {
    const found = (await this.text(what)).match(/\d[\d ,.]*(?= ₸)/g) ?? [];
    return found.map((sum) => tiyn(this.lang, sum));
  }

  /** What a link leads to, downloaded as the browser would. */
  async download(what) {
    const href = await (what.getAttribute ? what : this.page.locator(what)).getAttribute("href");
    const answer = await this.context.request.get(this.demo.url + href);
    assert.equal(answer.status(), 200);
    assert.equal(answer.headers()["cache-control"], "no-store");
    return answer.body();
  }

  /** Waits for a message in the reader's language, by its name in messages.ftl. */
  async message(key) {
    const parts = wording(this.lang, "messages", key).split(/\{[^}]*\}/);
    for (let tries = 0; tries < 120; tries++) {
      const { outbox } = await (await fetch(`${this.demo.world}/api/state`)).json();
      const mine = outbox.filter(({ to }) => to === this.person.phone || to === this.person.email);
      if (mine.some(({ text }) => parts.every((part) => text.includes(part)))) return;
      await pause();
    }
    throw new Error(`no message: ${key}`);
  }

  /** The newest unread code by SMS, from the simulated world's outbox. */
  async code() {
    const { codes, phone } = this.person;
    const had = codes.length;
    const outbox = await this.context.newPage();
    try {
      for (let tries = 0; tries < 60; tries++) {
        await outbox.goto(`${this.demo.world}/outbox`);
        const mine = await outbox.locator("li", { hasText: phone }).locator(".code", { hasText: /^\d{6}$/ }).allInnerTexts();
        codes.push(...mine.reverse().slice(codes.length));
        if (mine.length > had) return codes.at(-1);
        await pause();
      }
    } finally {
      await outbox.close();
    }
    throw new Error("no code came");
  }
}

const pause = () => new Promise((done) => setTimeout(done, 250));

/** `1 234,56` (kk, ru) and `1,234.56` (en), in tiyn. */
export function tiyn(lang, sum) {
  const [whole, rest = "00"] = sum.trim().split(lang === "en" ? "." : ",");
  return Number(whole.replace(/\D/g, "")) * 100 + Number(rest.padEnd(2, "0"));
}

/** Words of the program, from where the program takes them. */
export function wording(lang, file, key) {
  const text = readFileSync(new URL(`../crates/texts/${lang}/${file}.ftl`, import.meta.url), "utf8");
  const line = text.split("\n").find((line) => line.startsWith(`${key} = `));
  assert(line, `${file}.ftl says nothing of ${key} (${lang})`);
  return line.slice(key.length + 3);
}
