import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Not ours, or not committed. */
const ELSEWHERE = new Set(['node_modules', '.git', 'cdk.out', '.local', 'coverage', 'handoff', 'probes']);

/** Paths from the root, with `/`, of every file below a folder. */
function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder ? `${folder}/${entry.name}` : entry.name;
    if (ELSEWHERE.has(entry.name)) return [];
    return entry.isDirectory() ? filesIn(path) : [path];
  });
}

const all = filesIn('').filter((path) => !/\.(png|ico|log)$/.test(path));
const under = (...folders: string[]) => all.filter((path) => folders.some((folder) => path.startsWith(`${folder}/`)));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** What a file imports: paths from the root for files, names for packages. */
function importsOf(path: string): string[] {
  const specifiers = read(path).matchAll(/\b(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g);
  return [...specifiers].map(([, specifier = '']) =>
    specifier.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(path), specifier)) : specifier,
  );
}

/** `file: import` of every import of these files that a rule refuses. */
function refused(paths: string[], rule: (imported: string) => boolean): string[] {
  return paths.flatMap((path) =>
    importsOf(path)
      .filter(rule)
      .map((imported) => `${path}: ${imported}`),
  );
}

/** A stand-in's own file, and what that one is made of: no function has them. */
const isStandIn = (path: string) => /\/stand-in(\.ts|\/.*)$/.test(path);

describe('layers', () => {
  test('the rules look at files that import something', () => {
    expect(importsOf('lib/client-stack.ts')).toEqual(expect.arrayContaining(['lib/bundle.ts', 'aws-cdk-lib']));
  });

  const KIT = /^(local\/sandbox\/|node:|(hono|zod)(\/|$))/;
  const infrastructure = /^(lib|bin|cli|local|bench|scripts|test|clients)\/|^(aws-cdk-lib|constructs|cdk-nag)(\/|$)/;

  test('runtime code never imports infrastructure, tools or the local stack', () => {
    const runtime = under('functions').filter((path) => !isStandIn(path));
    expect(refused(runtime, (imported) => infrastructure.test(imported) || isStandIn(imported))).toEqual([]);
  });

  test("a stand-in imports the sandbox's kit and its own folder, and nothing imports it but by the convention of its folder", () => {
    const standIns = under('functions').filter(isStandIn);
    expect(standIns.length).toBeGreaterThan(5);
    const foreign = standIns.flatMap((path) => {
      const own = `${dirname(path)}/`;
      return refused([path], (imported) => !KIT.test(imported) && !imported.startsWith(own.replace(/stand-in\/$/, '')));
    });
    expect(foreign).toEqual([]);
    expect(
      refused(
        all.filter((path) => path.endsWith('.ts') && !isStandIn(path)),
        isStandIn,
      ),
    ).toEqual([]);
    // They are loaded while it loads: whatever imports it in turn would wait for itself.
    const kit = new Set(standIns.flatMap((path) => importsOf(path).filter((one) => one.startsWith('local/'))));
    for (const file of kit) for (const more of importsOf(file)) if (more.startsWith('local/')) kit.add(more);
    expect([...kit]).not.toContain('local/sandbox/stand-ins.ts');
  });

  test('how a source is connected is found by its folder: nothing imports it, and no function has it', () => {
    const isConnection = (path: string) => /\/sources\/[\w-]+\/connection\.ts$/.test(path);
    expect(all.filter(isConnection).length).toBeGreaterThan(0);
    const code = all.filter((path) => path.endsWith('.ts'));
    expect(refused(code, isConnection)).toEqual([]);
    const users = refused(code, (imported) => imported === 'functions/shared/door/connection.ts');
    const known = /^(cli\/source\/|test\/|functions\/[\w-]+\/sources\/[\w-]+\/connection\.ts)/;
    expect(users.filter((use) => !known.test(use))).toEqual([]);
  });

  test('handlers know client files by their types alone: no schema is checked at run time', () => {
    const inBundles = under('functions').filter((path) => !path.endsWith('/template.ts'));
    // That of the lowest floor reads what synth has checked.
    const values = inBundles.filter(
      (path) =>
        !path.startsWith('functions/shared/runtime/') &&
        /^import (?!type\b)[^;]*?['"](?!\S*\/runtime\/)\S*\/config\.ts['"]/m.test(read(path)),
    );
    expect(values).toEqual([]);
    const users = inBundles.filter((path) => path !== 'functions/templates.ts');
    expect(refused(users, (imported) => /^functions\/(?!shared\/)[^/]+\/template\.ts$/.test(imported))).toEqual([]);
  });

  test('infrastructure never imports a handler, the operator or the local stack', () => {
    const runtime = /^functions\/.*\bhandler\.ts$|^(bin|cli|local|bench|scripts|test)\//;
    expect(refused(under('lib'), (imported) => runtime.test(imported))).toEqual([]);
  });

  test('a client file imports the client schema and nothing else', () => {
    expect(
      refused(under('clients'), (imported) => !['lib/client.ts', 'lib/everything-on.ts'].includes(imported)),
    ).toEqual([]);
  });

  test('functions/shared is rooms, with nothing loose beside them, and arrows that only run downward', () => {
    // From the ground up; a room imports its own files and those of the floors below it.
    const floors = [['runtime'], ['hours', 'wording', 'ezwhatsapp'], ['people'], ['ledger'], ['door']];
    const floorOf = (path: string): number => floors.findIndex((rooms) => rooms.includes(path.split('/')[2] ?? ''));
    const shared = under('functions/shared');
    expect(shared.filter((path) => floorOf(path) < 0 || path.split('/').length !== 4)).toEqual([]);
    const upward = shared.flatMap((path) =>
      refused([path], (imported) => {
        if (!imported.startsWith('functions/shared/')) return false;
        const sameRoom = imported.split('/')[2] === path.split('/')[2];
        return !sameRoom && floorOf(imported) >= floorOf(path);
      }),
    );
    expect(upward).toEqual([]);
  });

  test('the watcher looks with what the operator looks with, and nothing is made of it', () => {
    const foreign = /^(bin|local|bench|scripts|test|clients)\/|^(aws-cdk-lib|constructs|cdk-nag)(\/|$)/;
    expect(refused(under('watch'), (imported) => foreign.test(imported))).toEqual([]);
    const others = all.filter((path) => path.endsWith('.ts') && !/^(watch|test)\//.test(path));
    expect(refused(others, (imported) => imported.startsWith('watch/'))).toEqual([]);
  });

  test('functions do not import each other', () => {
    const inFolders = under('functions').filter((path) => path !== 'functions/templates.ts');
    const strangers = inFolders.flatMap((path) => {
      const own = path.split('/')[1] ?? '';
      return refused([path], (imported) => {
        const [top, folder] = imported.split('/');
        return top === 'functions' && folder !== own && folder !== 'shared';
      });
    });
    expect(strangers).toEqual([]);
  });
});

/** Folders in a folder, if it is there. */
const foldersIn = (folder: string): string[] =>
  existsSync(join(ROOT, folder))
    ? readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : []))
    : [];

test('a template, a source, a CRM and a notifier is named in its own folder and in its one line, and nowhere else', () => {
  const functions = foldersIn('functions');
  const templates = functions.filter((name) => existsSync(join(ROOT, 'functions', name, 'template.ts')));
  const inside = ['sources', 'crms', 'notifiers'].flatMap((kind) =>
    functions.flatMap((owner) => foldersIn(`functions/${owner}/${kind}`).map((name) => [name, owner, kind] as const)),
  );
  // One vendor may have a source in two templates, or a CRM too.
  const foldersOf = (wanted: string): string[] =>
    inside.flatMap(([name, owner, kind]) => (name === wanted ? [`functions/${owner}/${kind}/${name}/`] : []));
  const places = [
    ...templates.map((name) => ({ name, own: [`functions/${name}/`, `lib/templates/${name}.ts`] })),
    ...[...new Set(inside.map(([name]) => name))].map((name) => ({ name, own: foldersOf(name) })),
  ];
  expect(places.length).toBeGreaterThan(20);

  // Words that mean other things too: of these only what can be nothing but the extension's name counts.
  const ordinary = new Set(['custom', 'email', 'form', 'meta', 'teams', 'webhook']);
  const patternOf = (name: string): RegExp => {
    const camel = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    if (!ordinary.has(name)) return new RegExp(`(?<![\\w-])(?:${name}|${camel})(?![\\w-])`, 'gi');
    return new RegExp(`(?<!code: )(['"\`])${name}\\1|\\b(?:sources|crms|notifiers)(?:\\?\\.|/)${name}\\b`, 'g');
  };
  // EZWhatsApp's own webhook, which is no extension, and the words of a workspace's login.
  const others = /^(cli\/(webhook|doctor)\/|functions\/webhook-receiver\/)/;
  const registry = /^functions\/(templates|[\w-]+\/(sources|crms|notifiers))\.ts$/;
  // The demo's secrets are data, as client files are; what a skeleton says is said in the folder that is made of it.
  const files = under('lib', 'cli', 'local', 'functions', 'bin').filter(
    (path) => /\.(ts|mjs|js|html)$/.test(path) && !registry.test(path),
  );
  const named = files.flatMap((path) => {
    const text = read(path);
    const isOrdinary = ({ name }: { name: string }) => ordinary.has(name);
    const strangers = places.filter(({ own }) => !own.some((place) => path.startsWith(place)));
    // Within its template the word of a source may be a word of the matter: a form, an e-mail address.
    const counted = strangers.filter(
      (one) => !isOrdinary(one) || (!/^functions\/(?!shared\/)/.test(path) && !others.test(path)),
    );
    return counted.flatMap(({ name }) => [...text.matchAll(patternOf(name))].map(([match]) => `${path}: ${match}`));
  });
  expect(named).toEqual([]);
});

test('rows are read and written through the one Table, which asks whose a row is after a write that was refused', () => {
  const callers = under('functions', 'cli').filter((path) => /\b(?:\w+Item|Query)Command\b/.test(read(path)));
  expect(callers).toEqual(['functions/shared/runtime/table.ts']);
  // What must be tried once only, or for a moment, has a client of its own, and only the operator's command reads a whole table, but for a walk.
  const clients = under('functions').filter((path) => /\bnew DynamoDBClient\(/.test(read(path)));
  expect(clients).toEqual([
    'functions/shared/door/proofs.ts',
    'functions/shared/people/contacts.ts',
    'functions/shared/runtime/table.ts',
  ]);
  const scans = under('functions', 'cli').filter((path) => /\bScan\w*Command\w*\b|\bpaginateScan\b/.test(read(path)));
  expect(scans).toEqual(['functions/shared/ledger/by-hand.ts', 'functions/shared/runtime/table.ts']);
});

test('no AWS client waits for ever: each has limits for an attempt, and its calls one for all attempts together', () => {
  const clients = under('functions', 'cli').flatMap((path) =>
    [...read(path).matchAll(/(?:\w+\()?new (\w+)Client\(\W*\w+/g)].map(([match]) => `${path}: ${match}`),
  );
  const ours = clients.filter((client) => !/new WorkspaceClient\(/.test(client));
  expect(ours.length).toBeGreaterThan(5);
  expect(ours.filter((client) => !/bounded\(new \w+\(\W*(?:AWS_CLIENT|PATIENT|shared)$/.test(client))).toEqual([]);
});

test('signatures of bodies are checked in two places: the headers that rows describe, and Standard Webhooks', () => {
  const checkers = under('functions').filter((path) => /\bassertSigned\(/.test(read(path)));
  // What is neither is of one vendor alone, and stands in that source's folder.
  expect(checkers.filter((path) => !/\/sources\/[\w-]+\//.test(path))).toEqual([
    'functions/shared/door/header-hmac.ts',
    'functions/shared/door/standard-webhooks.ts',
  ]);
});

test('only queues go by the line itself: what is stored by line goes by keysOf', () => {
  const lines = under('functions').flatMap((path) =>
    read(path)
      .split('\n')
      .filter((line) => /config\.lineId/.test(line)),
  );
  expect(lines.length).toBeGreaterThan(3);
  expect(
    lines.filter((line) => !/\b(queueSend|waitingGroup|pausedGroup|requeue|again|enqueueInOrder)\(/.test(line)),
  ).toEqual([]);
});

test('Retry-After is read in one place, which knows seconds and dates', () => {
  const readers = under('functions').filter((path) => !isStandIn(path) && /['"]retry-after['"]/i.test(read(path)));
  expect(readers).toEqual(['functions/shared/runtime/retry-after.ts']);
  const callers = under('functions').filter((path) => importsOf(path).includes(readers[0] ?? ''));
  // Whoever calls an outside system goes by it; more may come.
  const known = [
    'functions/appointment-reminder/booking-api.ts',
    'functions/crm-sync/api.ts',
    'functions/escalation/one-request.ts',
    'functions/lead-first-touch/sources/meta/graph.ts',
    'functions/order-ready/sources/shopify/admin.ts',
    'functions/sender/workflow.ts',
  ];
  expect(callers).toEqual(expect.arrayContaining(known));
});

test('no command and no script waits for ever: each calls over HTTP through the one call that has a limit', () => {
  const callers = under('cli', 'scripts', 'bin').filter((path) =>
    /\b(?:fetch|https?\.(?:get|request))\(/.test(read(path)),
  );
  expect(callers).toEqual(['cli/terminal/call.ts']);
});

describe('logs', () => {
  test('functions write to the log through the one log function, which has no field for personal data', () => {
    const writers = under('functions').filter((path) => /\bconsole\.|process\.std(out|err)/.test(read(path)));
    expect(writers).toEqual(['functions/shared/runtime/log.ts']);
  });

  test('no one logs a whole event, request or body', () => {
    const whole = /\b(?:log|console\.\w+)\((?:JSON\.stringify\()?(?:event|record|request|body|error)\b/;
    expect(under('functions').filter((path) => whole.test(read(path)))).toEqual([]);
  });
});

describe('texts', () => {
  const sources = under('functions', 'cli', 'local').filter((path) => path.endsWith('.ts'));

  test('whatever goes into a queue or an alarm is made by toJson, which queues take whole', () => {
    const writers = sources.filter((path) =>
      /\b(?:enqueue(?:InOrder)?[.(]|remind\()|\b(?:SendMessage|SendMessageBatch|CreateSchedule)Command\b/.test(
        read(path),
      ),
    );
    expect(writers).toEqual(
      expect.arrayContaining([
        'functions/shared/door/open-door.ts',
        'functions/shared/ledger/send-command.ts',
        'functions/webhook-receiver/receive.ts',
        'functions/escalation/escalate.ts',
        'functions/shared/runtime/alarm-clock.ts',
        'cli/sends/resend.ts',
      ]),
    );
    // A hash, or the request that stands as a text within the JSON.
    const others = /(?<!\bsha256\()(?<!\bbody: )JSON\.stringify/;
    expect(writers.filter((path) => others.test(read(path)))).toEqual([]);
  });

  test('a text of somebody else is cut by cut, which ends on a whole character', () => {
    // By a limit with a name, or by a number; what is shorter is a date or a part of a hash.
    const cuts = sources.flatMap((path) =>
      [...read(path).matchAll(/\.(?:slice|substring|substr)\((?:[^()]*\bMAX_\w+|0, (?:[6-9]\d|\d{3,}))\)/g)].map(
        ([match]) => `${path}: ${match}`,
      ),
    );
    const lists = [
      'appointment-reminder/row.ts: .slice(0, MAX_HEARD)',
      'lead-first-touch/sources/form/body.ts: .slice(0, MAX_DEPTH)',
      'lead-first-touch/sources/form/body.ts: .slice(0, MAX_FIELDS)',
      'shared/door/yes-or-no.ts: .slice(0, MAX_CHOICES)',
      'shared/ledger/ledger.ts: .slice(0, MAX_REPLACED)',
    ].map((cut) => `functions/${cut}`);
    expect(cuts).toEqual(lists);
  });
});

describe('hygiene', () => {
  /** `file: match` of every match that is not allowed. */
  function matches(paths: string[], pattern: RegExp, allowed: RegExp = /^$/): string[] {
    return paths.flatMap((path) =>
      [...read(path).matchAll(pattern)].filter(([match]) => !allowed.test(match)).map(([match]) => `${path}: ${match}`),
    );
  }

  test('the lock file installs from whatever registry npm is set up for', () => {
    const hosts = /"resolved": "https?:\/\/[^/"]+/g;
    expect(matches(['package-lock.json'], hosts, /registry\.npmjs\.org$/)).toEqual([]);
  });

  test('no file holds a path of the machine that it was written on', () => {
    expect(matches(all, /(?<![\w.~}-])\/(?:Users|home|root|work)\/[\w.-]+/g)).toEqual([]);
  });

  test('no file holds a phone number that could be a real one', () => {
    // The demo's own numbers, the ranges that Ofcom and the NANPA keep free for fiction, and digits that only count up or down.
    const fictitious =
      /^\+(97250123\d+|442079460\d{3}|1\d{3}55501\d\d|\d*(012345|123456|234567|345678|456789|987654|876543|765432)\d*)$/;
    const numbers = all.flatMap((path) =>
      [...read(path).matchAll(/(?<![\w.+])\+[1-9](?:[ ()-]?\d){8,14}(?!\d)/g)].map(([match]) => [path, match] as const),
    );
    const real = numbers.filter(([, match]) => !fictitious.test(match.replace(/[^+\d]/g, '')));
    expect(real).toEqual([]);
    expect(numbers.length).toBeGreaterThan(0);
  });

  test('no file holds a line token that could be a real one', () => {
    expect(matches(all, /\bezw_line_[\w-]{32,}/g)).toEqual([]);
  });

  test('no unit test leaves the others what it put in the place of something: they share a process', () => {
    const unit = under('test/unit');
    expect(matches(unit, /\bvi\.(?:mock|doMock|stubGlobal)\b|\bprocess\.env\.\w+ = |\bdelete process\.env\b/g)).toEqual(
      [],
    );
    const mocking = unit.filter((path) => /= mockClient\(|^ {2}mockClient\(/m.test(read(path)));
    expect(mocking.length).toBeGreaterThan(0);
    expect(mocking.filter((path) => !read(path).includes('.restore()'))).toEqual([]);
  });

  test('no test is skipped or runs alone', () => {
    expect(matches(under('test'), /\b(?:test|it|describe)\.(?:only|skip|todo)\b/g)).toEqual([]);
  });
});
