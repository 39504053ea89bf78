/// What a website puts on its pages to have a chatbot's widget. The side and the colour are in it if they are not the
/// usual ones, because the launcher is drawn before anything is asked of the server.
export function snippet(key, { side, accent } = {}) {
    const look = (side === "left" ? ' data-side="left"' : "") + (accent ? ` data-accent="${accent}"` : "");
    return `<script src="${location.origin}/widget.js" data-key="${key}"${look} async></script>`;
}
