import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Client, warningsOf } from './client.ts';
import { ClientProblems, type Problem, worded } from './client-problems.ts';
import { lineOf } from './line-of.ts';

/** A client file that cannot be used. The message names the file and what is wrong, and is enough without a stack. */
export class ClientFileError extends Error {
  override readonly name = 'ClientFileError';
}

/**
 * Reads the client files of a folder, sorted by name.
 * @param only this client alone; a broken file of another client then does no harm
 * @param warn is told what a file had better not say, a line for each thing; nothing else comes of it
 * @throws ClientFileError
 */
export async function loadClients(
  directory: string,
  only?: string,
  warn: (line: string) => void = () => {},
): Promise<Client[]> {
  const files = readdirSync(directory)
    .filter((file) => file.endsWith('.ts'))
    .sort();
  const wanted = only === undefined ? files : files.filter((file) => file === `${only}.ts`);
  if (wanted.length === 0) {
    const known = files.map((file) => basename(file, '.ts')).join(', ') || 'none';
    throw new ClientFileError(`No client file clients/${only ?? '<name>'}.ts. There are: ${known}.`);
  }
  const clients = await Promise.all(wanted.map((file) => loadClient(directory, file)));
  for (const [i, file] of wanted.entries()) {
    const problems = clients[i] ? warningsOf(clients[i]) : [];
    for (const line of located(directory, file, problems)) warn(`Warning: ${line}`);
  }
  return clients;
}

async function loadClient(directory: string, file: string): Promise<Client> {
  const name = basename(file, '.ts');
  let client: Client | undefined;
  try {
    ({ default: client } = await import(pathToFileURL(join(directory, file)).href));
  } catch (error) {
    throw new ClientFileError(explained(directory, file, error));
  }
  if (!client?.templates) throw new ClientFileError(`clients/${file}: write "export default defineClient({ ... })".`);
  if (client.name !== name) {
    // Stacks and secrets are named after the client: two files with one name would overwrite each other.
    throw new ClientFileError(
      `clients/${file}: name is "${client.name}"; write name: '${name}', as the file is called.`,
    );
  }
  return client;
}

/** What is wrong and where: a line for each problem, by file and line, as editors and terminals can open it. */
function explained(directory: string, file: string, error: unknown): string {
  // By its name: whoever loads client files may have this class a second time.
  if (!(error instanceof Error) || error.name !== ClientProblems.name) {
    // Where in the file it was thrown, if the file is on the stack at all.
    const at =
      error instanceof Error
        ? new RegExp(`${file.replace('.', '\\.')}(:\\d+)`).exec(error.stack ?? '')?.[1]
        : undefined;
    return `clients/${file}${at ?? ''}: ${error instanceof Error ? error.message : error}`;
  }
  const lines = located(directory, file, (error as ClientProblems).problems);
  return `clients/${file}: this client file cannot be used:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

/** Each problem behind its file and line. */
function located(directory: string, file: string, problems: readonly Problem[]): string[] {
  const text = readFileSync(join(directory, file), 'utf8');
  return problems.map((problem) => {
    const line = lineOf(text, problem.path);
    return `clients/${file}${line === undefined ? '' : `:${line}`}  ${worded(problem)}`;
  });
}
