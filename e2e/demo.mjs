// The demonstration as `./x demo` starts it, on free ports and in a folder of its own.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the programs are built. */
export const target = process.env.CARGO_TARGET_DIR ?? fileURLToPath(new URL("../target", import.meta.url));

export class Demo {
  constructor() {
    this.dir = mkdtempSync(join(tmpdir(), "nesie-e2e-"));
    this.log = "";
  }

  async start() {
    this.port ??= await freePort();
    this.worldPort ??= await freePort();
    this.ncalayerPort ??= await freePort();
    this.url = `https://localhost:${this.port}`;
    this.world = `http://127.0.0.1:${this.worldPort}`;
    const options = ["--dir", join(this.dir, "demo"), "--port", this.port, "--world-port", this.worldPort];
    options.push("--ncalayer-port", this.ncalayerPort);
    const child = (this.child = spawn(join(target, "debug/nesie"), ["demo", ...options.map(String)]));
    this.ended = new Promise((done) => child.once("exit", (code, signal) => done(code ?? signal)));
    process.once("exit", () => child.kill("SIGINT"));
    child.stderr.on("data", (bytes) => (this.log += bytes));
    await new Promise((ready, failed) => {
      let said = "";
      child.stdout.on("data", (bytes) => (said += bytes).includes("--fresh starts over") && ready());
      child.once("error", failed);
      this.ended.then((how) => failed(new Error(`the demonstration ended (${how}):\n${said}${this.log}`)));
      setTimeout(() => failed(new Error(`not ready after a minute:\n${said}${this.log}`)), 60_000).unref();
    });
    this.officerPassword = readFileSync(join(this.dir, "demo/officer-password"), "utf8");
  }

  /** Stops it as Ctrl-C does. Gives its exit code. */
  async stop() {
    this.child.kill("SIGINT");
    const patience = setTimeout(() => this.child.kill("SIGKILL"), 30_000);
    const how = await this.ended;
    clearTimeout(patience);
    return how;
  }

  /** What it logged, without times and colours. */
  lines() {
    return this.log.replace(/\x1b\[\d*m/g, "").replace(/\d{4}-\d\d-\d\dT\S+Z/g, "").split("\n");
  }

  /** Command lines of what still runs on behalf of it. */
  leftovers() {
    const lines = readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .map((id) => existsSync(`/proc/${id}/cmdline`) && readQuietly(`/proc/${id}/cmdline`));
    return lines.filter((line) => line && line.includes(join(this.dir, "demo")));
  }

  remove() {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

function readQuietly(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // gone meanwhile
  }
}

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}
