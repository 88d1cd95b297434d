import { execFile } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import manifest from "../../package.json" with { type: "json" };

const run = promisify(execFile);

/** Another project with the package installed. */
export interface OutsideProject {
  readonly folder: string;
  /** Path of the command line, as a package manager links it. */
  readonly bin: string;
  remove(): Promise<void>;
}

/**
 * Packs the package and installs the tarball in a new folder, without a network. Its dependencies are links to this
 * clone's; development dependencies are not available.
 *
 * @param others names of further packages of this clone to link
 */
export async function outsideProject(others: readonly string[] = []): Promise<OutsideProject> {
  const folder = await mkdtemp(join(tmpdir(), "sallyport-project-"));
  const tarball = await pack(join(folder, "staging"));
  const installed = join(folder, "node_modules", "sallyport");
  await mkdir(installed, { recursive: true });
  await run("tar", ["-xzf", tarball, "-C", installed, "--strip-components=1"]);
  for (const name of [...Object.keys(manifest.dependencies), ...others]) {
    const link = join(folder, "node_modules", name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(resolve("node_modules", name), link);
  }
  await writeFile(join(folder, "package.json"), '{"name":"project","type":"module"}');
  await rm(join(folder, "staging"), { recursive: true });
  return { folder, bin: await linkBin(folder, installed), remove: () => rm(folder, { recursive: true }) };
}

/** Links the command as npm does (`bin` of `package.json`): an executable file, linked into `node_modules/.bin`. */
async function linkBin(folder: string, installed: string): Promise<string> {
  const { bin } = JSON.parse(await readFile(join(installed, "package.json"), "utf8")) as typeof manifest;
  const file = join(installed, bin.sallyport);
  await chmod(file, 0o755);
  const link = join(folder, "node_modules", ".bin", "sallyport");
  await mkdir(dirname(link), { recursive: true });
  await symlink(file, link);
  return link;
}

/** Packs a copy of this project, so that parallel tests do not build into the same folder. */
async function pack(staging: string): Promise<string> {
  const sources = manifest.files.filter((name) => !name.startsWith("dist/"));
  await run(process.execPath, ["scripts/package.ts", "--out", join(staging, "dist")]);
  for (const name of ["package.json", "README.md", "LICENSE", "dist/functions/authorizer", ...sources]) {
    await cp(name, join(staging, name), { recursive: true });
  }
  const { stdout } = await run("npm", ["pack", "--ignore-scripts", "--json", "--offline"], { cwd: staging });
  const [packed] = JSON.parse(stdout) as [{ filename: string }];
  return join(staging, packed.filename);
}
