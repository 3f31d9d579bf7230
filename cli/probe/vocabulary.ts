/** Of what names of fields, headers and codes are made. Any other word may be a person's name, and is told by nobody. */
const WORDS = new Set(
  `a accept access account ack action address age agent allow alt and api app archived at attempt attempts auth authenticate authorization
  author b bad base body bot broadcast buffer business by c ca cache call can caption card category cf channel chat chats city client code
  color company connect connection contact contacts content control conversation cookie cors count country created credentials cross data date
  delete deleted delivered delivery description detail details device digest disposition document domain duplicate duration edge edit edited effective
  email embedder enabled encoding end entity error errors etag event events exceeded expires expose external ezw fail failed field fields file
  filename first for forbidden forwarded found frame from full gateway gif given group h has hash header headers health height hmac host href html
  http https id idempotency idempotent ids image in inbound index info input internal invalid ip is issue issues item items jid json keep key keys
  kind label language last latitude length level lid lifecycle limit limited line link linked links list live location long longitude lookup me
  media mentioned mentions message messages meta method mime mismatch missing mode modified mtime name nel next no none nonce not null number
  observed of ok on only opener opt options order origin original outbound page parameter path payload per permissions persistent phone pin pinned post
  platform played poll policy powered preview product profile protocol provided provider pushname push queue queued quoted quota rate ratelimit
  reaction read reason recipient record ref referrer rejected remaining remote replay report reporting request requests required reset resource
  response resource result results retries retry retryable revoked role route runtime s schema score secret security self send sendable sender sent
  server service session set sha share sig sign signature signed site size sniff source state status statuses sticker street strict subject subtype success
  system t tag target text thumbnail time timeout timestamp timing title to token too total trace traceid transfer transport ts type types
  unauthorized unavailable unknown unprocessable unread updated upgrade uri url used user v validation valid value values vary vcard vendor
  version verified via video view voice waid wakeup warning web webhook webhooks whapi whatsapp width with workspace www x xss zip`.split(
    /\s+/,
  ),
);

/** Of what errors are made beside those: no word in it is anybody's name. */
const MORE = new Set(
  `about accepted again already another are array as ask be been below between both but can cannot characters check conflict connected could dead
  disconnected do does each either empty enough entity exactly exceeds exist exists expected ezwhatsapp false few found give given gone had has
  have header if incorrect instead int integer invalid it its known large later least less linked logged long lost malformed many maximum
  minimum minute minutes month more most much must need needed never no nobody nor nothing numeric object once opted or ours out outside over
  please present process processed provide put reached ready received recently refuse refused reject restricted same seconds second see
  several short should since so some something soon spam string such support supported than that the their them then there these this those times
  too true try unauthenticated under unexpected unique unlinked unregistered unsupported until use using wait was we were what when where
  whether which while who within without word words wrong yet you your blocked day days hour hours length disabled paused qr sendable
  registered registration scan temporarily parse parsing syntax unable undeliverable undefined`.split(/\s+/),
);

/** Digits that may be somebody's number, however they are grouped. */
const NUMBER = /\d(?:[^\dA-Za-z]*\d){3}/;

const isKnown = (text: string, words: (word: string) => boolean): boolean =>
  text.length <= 40 &&
  !NUMBER.test(text) &&
  text
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .split(/[\s_.$/:-]+/)
    .every((word) => words(word.toLowerCase().replace(/\d+$/, '')) || /^\d{0,3}$/.test(word));

/** Whether a name is made of such words alone, as `chat_id`, `contactPhoneNumber` and `x-ezw-delivery-id` are. */
export const isPlainName = (name: string): boolean => isKnown(name, (word) => WORDS.has(word));

/** A name that may be told, or any. */
export const plain = (name: string): string => (isPlainName(name) ? name : '*');

/** Whether a word of an error is one that nobody bears, whatever signs stand around it. */
export const isPlainWord = (word: string): boolean =>
  word.length <= 40 &&
  !/\p{N}/u.test(word) &&
  isKnown(word.replace(/^\P{L}+|\P{L}+$/gu, ''), (one) => WORDS.has(one) || MORE.has(one));
