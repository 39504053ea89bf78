/// What tabs of one browser tell each other, so that they show the same.
const channel = new BroadcastChannel("mynah");

/// `news` is `{list: true}` after a change of the conversations, or `{conversation, message, isOver}` when a reply begins or
/// ends.
export const tell = (news) => channel.postMessage(news);

export const hear = (listener, signal) => channel.addEventListener("message", ({ data }) => listener(data), { signal });
