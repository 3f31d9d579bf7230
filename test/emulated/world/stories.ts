import { iso, type Person, type Scene } from './scene.ts';
import { DAY, HOUR, MINUTE, SECOND } from './world.ts';

/** What happens to somebody. Each `yield` is how long until it goes on, milliseconds. */
type Story = (scene: Scene) => AsyncGenerator<number, void, void>;

async function* orderToldTwice(scene: Scene) {
  const id = scene.id('order');
  scene.lose(`order:${id}:ready`, scene.random() < 0.5 ? 'unknown-after' : 'unknown-before');
  const order = await scene.order(scene.person('Twice'), 'arrives', { id });
  yield 20 * SECOND;
  await order.again();
  yield 3 * HOUR;
  await scene.read(order.key);
  yield 25 * HOUR;
  await order.again();
  scene.redrive(order.key);
}

async function* appointments(scene: Scene) {
  const begin = Math.ceil(scene.world.now / HOUR) * HOUR + 50 * HOUR;
  const book = async (type: string, id: string, { name, phone }: Person, startsAt = begin) => {
    const at = iso(scene.world.now);
    const about = { starts_at: iso(startsAt), zone: 'UTC', name, phone, service: 'Haircut' };
    await scene.tell('appointment-reminder', 'custom', {
      type: `appointment.${type}`,
      timestamp: at,
      data: { appointment_id: id, updated_at: at, ...(type !== 'cancelled' && about) },
    });
  };
  const [moved, cancelled] = [scene.person('Moved'), scene.person('Cancelled')];
  const [ofMoved, ofCancelled] = [scene.id('visit'), scene.id('visit')];
  const later = begin + 4 * HOUR;
  for (const hours of [24, 2]) {
    scene.expect(`appointment:${ofMoved}:v2:${hours}h`, moved, 'arrives', later - hours * HOUR);
    scene.expect(`appointment:${ofMoved}:${hours}h`, moved, 'never');
    scene.expect(`appointment:${ofCancelled}:${hours}h`, cancelled, 'never');
  }
  await book('booked', ofMoved, moved);
  await book('booked', ofCancelled, cancelled);
  yield 10 * MINUTE;
  await book('moved', ofMoved, moved, later);
  yield HOUR;
  await book('cancelled', ofCancelled, cancelled);
}

async function* leadByForm(scene: Scene) {
  const lead = scene.person('Lead');
  const send = (id: string) =>
    scene.tell('lead-first-touch', 'form', {
      form_id: 'landing',
      submission_id: id,
      submitted_at: iso(scene.world.now),
      name: lead.name,
      phone: lead.phone,
      consent: { whatsapp: true },
      fields: { budget: '5' },
    });
  const [first, second] = [scene.id('lead'), scene.id('lead')];
  scene.expect(`lead:${first}:first-touch`, lead, 'may');
  await send(first);
  yield 5 * SECOND;
  await send(first);
  yield 30 * MINUTE;
  // It touches them only where the first one never left.
  scene.expect(`lead:${second}:first-touch`, lead, 'may');
  await send(second);
}

async function* urgent(scene: Scene) {
  const person = scene.person('Urgent');
  await scene.says(person, 'urgent 🙏');
  yield 30 * SECOND;
  await scene.says(person, 'urgent 🙏');
  yield 10 * MINUTE;
  await scene.team(person, 'We call you in a minute.');
  yield 3 * HOUR;
  await scene.says(person, 'It is urgent again');
}

async function* stopAndStart(scene: Scene) {
  const person = scene.person('Stop');
  await scene.says(person, 'Hello there');
  yield 5 * MINUTE;
  await scene.word(person, 'stop');
  yield 10 * MINUTE;
  await scene.order(person, 'may');
  yield 5 * HOUR;
  await scene.order(person, 'may');
  yield DAY - 5 * HOUR;
  await scene.word(person, 'start');
  yield 10 * MINUTE;
  await scene.order(person);
}

async function* automaticAnswer(scene: Scene) {
  const person = scene.person('Asks');
  await scene.says(person, 'Are you open today?');
  yield 10 * MINUTE;
  await scene.says(person, 'Hello?');
  yield 13 * HOUR;
  await scene.says(person, 'And tomorrow?');
}

async function* nobodyAnswers(scene: Scene) {
  const person = scene.person('Ignored');
  await scene.says(person, 'Can somebody call me?');
  yield 5 * MINUTE;
  // What programs send is no answer.
  await scene.order(person);
}

async function* unlinked(scene: Scene) {
  await scene.order(scene.person('Before'));
  yield 10 * SECOND;
  // Nobody has asked for its health since.
  await scene.world.control('POST', 'line', { sendable: false });
  // A 503 says nothing of whether it had an effect: whether it waits or is left to a person is the line's health in the next minutes.
  await scene.order(scene.person('At once'), scene.contract.unlinked === '503' ? 'may' : 'arrives');
  yield 5 * MINUTE;
  await scene.order(scene.person('Waits'));
  yield HOUR;
  await scene.world.control('POST', 'line', { sendable: true });
}

async function* media(scene: Scene) {
  const person = scene.person('Media');
  await scene.says(person, 'This is how it looks', { type: 'image' });
  yield MINUTE;
  await scene.order(person, scene.contract.media === '202' ? 'arrives' : 'may', { update: 'confirmed' });
}

async function* lineTrouble(scene: Scene) {
  const [first, second, third] = [scene.person('Fails'), scene.person('Fast'), scene.person('Token')];
  const [failed, limited] = [scene.id('order'), scene.id('order')];
  scene.lose(`order:${failed}:ready`, { status: 502, after: true });
  await scene.order(first, 'arrives', { id: failed });
  yield 20 * MINUTE;
  scene.lose(`order:${limited}:ready`, { status: 429 });
  await scene.order(second, 'arrives', { id: limited });
  yield 20 * MINUTE;
  const { idToken } = (await scene.world.outside('POST', '/api/auth/login', {
    email: 'owner@demo.example',
    password: 'demo-password',
  })) as { idToken: string };
  const headers = { authorization: `Bearer ${idToken}` };
  const path = `/api/lines/${scene.world.lineId}/api-token`;
  const { token } = (await scene.world.outside('POST', path, {}, headers)) as { token: string };
  await scene.order(third);
  yield 20 * MINUTE;
  scene.world.lineToken = token;
}

async function* history(scene: Scene) {
  const long = iso(scene.world.now - 40 * DAY);
  const people = [scene.person('Old'), scene.person('Older'), scene.person('Oldest')];
  const [stopped] = people;
  await scene.inOneBody(async () => {
    for (const person of people) {
      await scene.says(person, 'urgent, please call', { at: long });
      await scene.says(person, 'Thanks, all is well', { at: long });
    }
    if (stopped) await scene.word(stopped, 'stop', { at: iso(Date.parse(long) + HOUR) });
  });
  scene.digests += 1;
  scene.old += 2 * people.length + 1;
  yield 15 * MINUTE;
  if (stopped) await scene.order(stopped, 'may');
}

const STORIES: Readonly<Record<string, Story>> = {
  orderToldTwice,
  appointments,
  leadByForm,
  urgent,
  stopAndStart,
  automaticAnswer,
  nobodyAnswers,
  unlinked,
  media,
  lineTrouble,
  history,
};

/** All stories side by side, each from a moment of its own on. */
export const tellAll = async (scene: Scene): Promise<void> => {
  const { world, random } = scene;
  for (const story of Object.values(STORIES)) {
    const told = story(scene);
    const goOn = async (): Promise<void> => {
      const { value, done } = await told.next();
      if (!done) world.after(value, goOn);
    };
    world.after(Math.floor(random() * 30 * MINUTE), goOn);
  }
  await world.settle();
};
