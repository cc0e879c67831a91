// The ways to prove who one is, as people go them in the browser, whatever is to be confirmed.
import assert from "node:assert/strict";
import { SUBMIT, pressed, showFace as show } from "./walk.mjs";

/** Tells the simulated world something; gives its status. */
export async function tell(demo, method, path, body) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${demo.world}/api/${path}`, { method, headers, body: JSON.stringify(body) });
  return answer.status;
}

/** To a way that is a link away; the one that is shown already is not. */
async function to(reader, way) {
  const link = `main a[href$='way=${way}']`;
  if (await reader.page.locator(link).count()) await reader.press(link);
}

/** To where NCALayer can be asked. */
export async function askNcalayer(reader) {
  await to(reader, "signature");
  await reader.press("main form[action$='/signature/ask'] button");
}

/** Presses the button for a key in a file, or on a card where `storage` is empty. */
export async function signByNcalayer(reader, storage = "PKCS12", status = 200) {
  await reader.press(`[data-ncalayer] button[data-storage='${storage}']`, status);
}

/** Has the phone of `iin` scan the QR code, with the key of the entity `bin`. Gives what the phone was answered. */
export async function scan(reader, iin = reader.person.iin, bin = undefined) {
  const qr = await reader.page.locator("#qr-text").textContent();
  return tell(reader.demo, "POST", "scans", { qr, iin, bin });
}

export async function showFace(reader) {
  await to(reader, "face");
  await show(reader);
}

/** The password, where it is asked for beside something else. */
async function withPassword(reader) {
  const { page, person } = reader;
  return (await page.locator("main [name=password]").count()) ? { password: person.password } : {};
}

async function byNcalayer(reader, storage, bin) {
  await askNcalayer(reader);
  const box = reader.page.locator("[data-ncalayer]");
  assert.equal(await box.getAttribute("data-bin"), bin ?? null, "the key that NCALayer is asked for");
  assert.equal(await box.getAttribute("data-iin"), reader.person.iin);
  await signByNcalayer(reader, storage);
}

/** Beside the face. `name` is what the way is called in addresses; `go` walks it, for the entity `bin` where there is one. */
export const WAYS = {
  sms: {
    name: "code",
    async go(reader) {
      await to(reader, "code");
      const field = reader.page.locator("main [name=code]");
      if (!(await field.count())) await reader.press("main form[action$='/code/send'] button");
      await reader.type({ ...(await withPassword(reader)), code: await reader.code() });
      await reader.press(SUBMIT);
    },
  },
  token: {
    name: "token",
    async go(reader) {
      await to(reader, "token");
      const { token } = reader.person;
      await reader.type({ ...(await withPassword(reader)), token: pressed(token.secret, token.counter++) });
      await reader.press(SUBMIT);
    },
  },
  file: { name: "signature", go: (reader, bin) => byNcalayer(reader, "PKCS12", bin) },
  card: { name: "signature", go: (reader, bin) => byNcalayer(reader, "", bin) },
  phone: {
    name: "egov",
    async go(reader, bin) {
      await to(reader, "egov");
      await reader.press("main form[action$='/egov/ask'] button");
      const link = await reader.page.locator("main a[rel=noreferrer]").getAttribute("href");
      assert.equal(new URL(link).host, bin ? "egovbusiness.page.link" : "mgovsign.page.link");
      assert.equal(await scan(reader, reader.person.iin, bin), 204);
      await reader.page.locator("#phone-progress").waitFor({ state: "detached" }); // the page goes on by itself
      await reader.until("main .steps .done");
    },
  },
};
