/// What a website puts on its pages to have a chatbot's widget. The side and the colour are in it if they are not the
/// usual ones, because the launcher is drawn before anything is asked of the server.
export function snippet(key, look) {
    const data = Object.entries(attributes(key, look)).map(([name, value]) => ` data-${name}="${value}"`).join("");
    return `<script src="${location.origin}/widget.js"${data} async></script>`;
}

/// The same for other ways to make a site, as `[title, code]`.
export function otherSnippets(key, look) {
    const data = Object.entries(attributes(key, look)).map(([name, value]) => `        script.dataset.${name} = "${value}";`);
    return [["React", [
        'import { useEffect } from "react";',
        "",
        "export function ChatWidget() {",
        "    useEffect(() => {",
        '        const script = document.createElement("script");',
        `        script.src = "${location.origin}/widget.js";`,
        ...data,
        "        document.head.append(script);",
        "    }, []);",
        "    return null;",
        "}",
    ].join("\n")], ["WordPress", [
        "add_action( 'wp_head', function () {",
        `    echo '${snippet(key, look)}';`,
        "} );",
    ].join("\n")]];
}

function attributes(key, { side, accent } = {}) {
    return { key, ...(side === "left" && { side }), ...(accent && { accent }) };
}
