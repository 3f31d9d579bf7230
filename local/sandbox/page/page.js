const POLL_MS = 1000;
const at = (id) => document.getElementById(id);
const shown = new Map();
let lineId = '';
let sendable = true;

/** Every text goes in as a text node: nothing that arrives can become markup. */
function node(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Redraws a part only when its data changed, so that focus, selection and scroll stay where they are. */
function show(id, data, draw) {
  const text = JSON.stringify(data);
  if (shown.get(id) === text) return;
  shown.set(id, text);
  at(id).replaceChildren(...draw(data));
}

const quiet = (text) => node('p', { class: 'quiet' }, text);
const clock = (iso) => node('time', { datetime: iso }, new Date(iso).toLocaleTimeString([], { hour12: false }));
const count = (n, one, many) => `${n} ${n === 1 ? one : many}`;

function table(label, columns, rows) {
  const head = node('tr', {}, ...columns.map((column) => node('th', { scope: 'col' }, column)));
  const body = rows.map((cells) => node('tr', {}, ...cells.map(cell)));
  const content = node('table', {}, node('thead', {}, head), node('tbody', {}, ...body));
  return node('div', { class: 'scroll', role: 'region', 'aria-label': label, tabindex: '0' }, content);
}

function cell(content) {
  return content instanceof Node ? node('td', {}, content) : node('td', {}, String(content ?? ''));
}

function drawMessages(messages) {
  if (messages.length === 0)
    return [
      quiet('No message yet. Send a signed event to the public door, or write as a customer, and it shows up here.'),
    ];
  const byRecipient = new Map();
  for (const message of messages) {
    const recipient = message.to ?? message.conversationId;
    const earlier = byRecipient.get(recipient) ?? [];
    byRecipient.delete(recipient); // Set anew, so that the map ends with the conversation that moved last.
    byRecipient.set(recipient, [...earlier, message]);
  }
  return [...byRecipient].reverse().map(([recipient, list]) => {
    const title = node('h3', {}, node('bdi', { dir: 'ltr' }, recipient));
    return node('div', { class: 'conversation' }, title, ...list.map(drawMessage));
  });
}

function drawMessage(message) {
  if (message.who) return drawSpoken(message);
  const bubble = node('div', { class: 'bubble' });
  if (message.media) bubble.append(node('p', { dir: 'ltr' }, `Media: ${message.media}`));
  const text = message.body ?? message.caption;
  if (text) bubble.append(node('p', { dir: 'auto' }, text));
  if (message.ctaUrlButton) {
    const { url, displayText } = message.ctaUrlButton;
    bubble.append(node('a', { href: url, target: '_blank', rel: 'noreferrer', dir: 'auto', title: url }, displayText));
  }
  const attempts = count(message.attempts, 'attempt', 'attempts');
  const about = node(
    'div',
    { class: 'about quiet' },
    clock(message.receivedAt),
    node('code', {}, message.key ?? ''),
    attempts,
  );
  return node('article', { class: 'message' }, bubble, about);
}

/** What the customer or a person of the team wrote, beside what the API sent. */
function drawSpoken({ who, type, body, receivedAt }) {
  const bubble = node('div', { class: 'bubble' });
  if (type !== 'text') bubble.append(node('p', { dir: 'ltr' }, `(${type})`));
  if (body) bubble.append(node('p', { dir: 'auto' }, body));
  const about = node('div', { class: 'about quiet' }, clock(receivedAt), who);
  return node('article', { class: `message ${who}` }, bubble, about);
}

/** Sends and what was said, one conversation's in one place: a send to a conversation is one to its phone. */
function together(messages, spoken) {
  const phones = new Map(spoken.map(({ conversationId, phone }) => [conversationId, phone]));
  const sent = messages.map((message) => ({ ...message, to: message.to ?? phones.get(message.conversationId) }));
  const said = spoken.map(({ at: receivedAt, phone: to, ...rest }) => ({ ...rest, receivedAt, to }));
  return [...sent, ...said].sort((a, b) => a.receivedAt.localeCompare(b.receivedAt));
}

function drawFaults(faults) {
  if (faults.length === 0) return [quiet('None planned: calls are answered as the contract says.')];
  const rows = faults.map(({ on, fault, left, until }) => {
    const when = until
      ? node('span', {}, 'until ', clock(until))
      : left === 0
        ? 'until cleared'
        : count(left, 'call', 'calls');
    return [on, describe(fault), when];
  });
  return [table('Planned faults', ['On', 'Fault', 'For'], rows)];
}

function describe({ kind, status, seconds, ms, after }) {
  const size = status ?? (seconds ? `${seconds} s` : ms ? `${ms} ms` : '');
  return [kind, size, after ? 'after accepting' : ''].filter(Boolean).join(' ');
}

function drawLedger(rows) {
  if (rows === undefined) return [quiet("The ledger is shown on the local stack's public port, 8787 by default.")];
  // Beside the sends the table counts, and notes whose keys it has.
  const sends = rows.filter(({ state }) => state !== undefined);
  if (sends.length === 0) return [quiet('No send yet.')];
  const lines = sends.map(({ pk = '', key, state, parked, reason, attempts, delivery }) => {
    const name = key ?? (pk.startsWith(`${lineId}#`) ? pk.slice(lineId.length + 1) : pk);
    const look = state === 'ACCEPTED' ? 'good' : ['REJECTED', 'UNKNOWN', 'EXPIRED'].includes(state) ? 'bad' : '';
    return [
      node('code', {}, name),
      node('span', { class: look }, `${state}${parked ? ', parked' : ''}${delivery ? `, ${delivery.status}` : ''}`),
      reason,
      attempts,
    ];
  });
  return [table('Ledger of sends', ['Key', 'State', 'Reason', 'Attempts'], lines)];
}

function drawCalls(calls) {
  if (calls.length === 0) return [quiet('No call yet.')];
  const rows = calls.map(({ at: time, method, path, key, status }) => {
    const look = status === 'open' ? '' : status >= 200 && status < 300 ? 'good' : 'bad';
    return [
      clock(time),
      node('span', { class: look }, String(status)),
      node('span', {}, `${method} ${path.replace('/api/v1', '')}`),
      node('code', {}, key ?? ''),
    ];
  });
  return [table('API calls', ['Time', 'Status', 'Call', 'Key'], rows.reverse())];
}

function showLine(line) {
  lineId = line.lineId;
  sendable = line.sendable;
  at('line-id').textContent = lineId;
  at('line').setAttribute('aria-checked', String(sendable));
  at('line-word').textContent = sendable ? 'yes' : 'no';
}

/** Only where the vendor is played in another way than is assumed. */
function showContract({ contract }) {
  const differs = contract !== 'as assumed';
  at('contract').hidden = !differs;
  at('contract').dataset.contract = contract;
  at('contract').textContent = differs ? `Contract: ${contract}` : '';
}

function say(text, trouble = false) {
  at('status').classList.toggle('trouble', trouble);
  if (at('status').textContent !== text) at('status').textContent = text;
}

async function json(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}

/** The local stack's state is at another port when the page comes from the sandbox's own. */
async function ledger() {
  const response = await fetch('/_local/state');
  const rows = response.ok ? (await response.json()).tables?.sends : undefined;
  // Beside the sends stands what is known of the provider's messages, and what people decided about the line; these have no state.
  return { sends: rows?.filter(({ state }) => state), control: rows?.find(({ pk }) => pk?.endsWith('#control')) ?? {} };
}

/** What the watcher told, as mails; the local stack alone has one. */
async function inbox() {
  const response = await fetch('/_local/watch');
  return response.ok ? (await response.json()).messages : undefined;
}

function drawInbox(messages) {
  if (messages.length === 0) return [quiet('Nothing: all is well, as far as was looked at.')];
  return messages.map(({ at: time, subject, message }) => {
    const head = node('p', {}, clock(time), ' ', node('b', { dir: 'auto' }, subject ?? ''));
    return node('div', { class: 'mail' }, head, node('p', { dir: 'auto' }, message));
  });
}

/** What keeps messages from leaving, in the words of `ezw line show`. */
function drawHeld({ paused, trouble, templates = {} }) {
  const since = ({ by, reason, at: time }) => [
    ' since ',
    clock(new Date(time).toISOString()),
    ` by ${by}`,
    ...(reason ? [': ', node('bdi', {}, reason)] : []),
  ];
  const lines = [];
  if (paused) lines.push(['The line is paused', ...since(paused), '. Nothing leaves.']);
  if (trouble?.kind === 'banned')
    lines.push(['The number is shut out by WhatsApp, says the workspace. Nothing leaves until it is resumed.']);
  if (trouble?.kind === 'unlinked' && !trouble.calmSince)
    lines.push(['The line is not linked to its phone. Messages leave by themselves when it is.']);
  for (const [name, pause] of Object.entries(templates))
    lines.push([node('code', {}, name), ' is paused', ...since(pause), '.']);
  return lines.map((parts) => node('p', { class: 'held' }, ...parts));
}

async function refresh() {
  try {
    const paths = ['line', 'messages?last=200', 'faults', 'requests?last=100', 'spoken', 'contract'].map((path) =>
      json(`/_sandbox/${path}`),
    );
    const [[line, sent, faults, calls, spoken, contract], { sends, control }, mails] = await Promise.all([
      Promise.all(paths),
      ledger(),
      inbox(),
    ]);
    showLine(line);
    showContract(contract);
    const messages = together(sent, spoken);
    show('conversations', messages, drawMessages);
    show('faults', faults, drawFaults);
    show('calls', calls, drawCalls);
    show('held', control, drawHeld);
    at('watch').hidden = mails === undefined;
    show('inbox', (mails ?? []).slice(-20).reverse(), drawInbox);
    show('ledger', sends ?? null, (data) => drawLedger(data ?? undefined));
    const people = new Set(messages.map(({ to, conversationId }) => to ?? conversationId)).size;
    const total = `${count(messages.length, 'message', 'messages')} in ${count(people, 'conversation', 'conversations')}`;
    say(sendable ? `${total}.` : `${total}. The line is off: its QR code waits to be scanned.`, !sendable);
  } catch {
    say('The sandbox does not answer: it is refusing connections or was stopped.', true);
  }
}

async function act(method, path, body) {
  try {
    const response = await fetch(path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}`);
  } catch (error) {
    say(error.message, true);
    return;
  }
  await refresh();
}

at('line').addEventListener('click', () => act('POST', '/_sandbox/line', { sendable: !sendable }));
at('forget').addEventListener('click', async () => {
  await act('DELETE', '/_sandbox/spoken');
  await act('DELETE', '/_sandbox/messages');
});
at('write').addEventListener('submit', async (event) => {
  event.preventDefault();
  const path = event.submitter?.value === 'team' ? 'human-messages' : 'customer-messages';
  await act('POST', `/_sandbox/${path}`, { phone: at('phone').value, text: at('text').value });
  at('text').value = '';
});
at('look').addEventListener('click', async () => {
  at('look').disabled = true;
  await act('POST', '/_local/watch');
  at('look').disabled = false;
  at('look').focus();
});
at('clear').addEventListener('click', () => act('DELETE', '/_sandbox/faults'));
for (const button of document.querySelectorAll('[data-fault]')) {
  button.addEventListener('click', () => act('POST', '/_sandbox/faults', JSON.parse(button.dataset.fault)));
}

/** The library is at the local stack's public port alone, as the ledger is. */
async function loadSamples() {
  const response = await fetch('/_local/samples');
  if (!response.ok) return;
  const samples = await response.json();
  const groups = new Map();
  for (const one of samples) {
    groups.set(one.template, [...(groups.get(one.template) ?? []), one]);
  }
  const options = (list) =>
    list.map((one) => node('option', { value: JSON.stringify(one) }, `${one.source}: ${one.sample}`));
  at('sample').replaceChildren(...[...groups].map(([label, list]) => node('optgroup', { label }, ...options(list))));
  at('events').hidden = samples.length === 0;
  tellSample();
}

function tellSample() {
  if (at('sample').value === '') return;
  const { title, becomes, hasPhone } = JSON.parse(at('sample').value);
  // Of some the phone is at the vendor, whom the stand-in speaks for.
  at('about').disabled = !hasPhone;
  at('told').replaceChildren(`${title}. Becomes: ${[...new Set(becomes)].join(', ') || 'nothing'}.`);
}

/** What became of an event: the door's answer, and each send that it leads to. */
function drawFired({ results, message }) {
  if (message) return [node('p', { class: 'bad' }, message)];
  return results.flatMap(({ status, answer, id, sends }) => [
    node('p', {}, `${status} ${answer}, id `, node('code', {}, id)),
    ...sends.map(({ state, reason, at: due, key }) =>
      node('p', {}, `${[state, reason, due].filter(Boolean).join(' ')} `, node('code', {}, key)),
    ),
  ]);
}

at('sample').addEventListener('change', tellSample);
at('fire').addEventListener('submit', async (event) => {
  event.preventDefault();
  const { template, source, sample } = JSON.parse(at('sample').value);
  const phone = at('about').disabled ? '' : at('about').value;
  const button = event.submitter;
  button.disabled = true;
  at('fired').replaceChildren(quiet('On its way …'));
  try {
    const order = JSON.stringify({ template, source, sample, ...(phone && { phone }) });
    const response = await fetch('/_local/samples', { method: 'POST', body: order });
    at('fired').replaceChildren(...drawFired(await response.json()));
  } catch {
    at('fired').replaceChildren(node('p', { class: 'bad' }, 'The local stack does not answer.'));
  }
  button.disabled = false;
  button.focus();
  await refresh();
});

async function poll() {
  if (!document.hidden) await refresh();
  setTimeout(poll, POLL_MS);
}
await loadSamples().catch(() => undefined);
await poll();
