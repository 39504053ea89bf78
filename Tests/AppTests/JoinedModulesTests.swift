import Testing

@testable import App

/// The modules of the widget as one script. A real browser runs it in `Tests/WebTests`.
@Suite struct JoinedModulesTests {
    @Test("Each module is there once, before what imports it, in a scope of its own, without comments and indentation")
    func joined() throws {
        let modules = [
            "widget/panel.js": """
            import { base as ground } from "../base.js";
            import * as all from "../base.js";
            import { Thread } from "./thread.js";
            const own = 1;
            export class Panel {
            }
            """,
            "widget/thread.js": """
            import { base, other } from "../base.js";
            const own = "দুই";
            /// Loads it.
            export async function load() {
                // "https://" is no comment.
                return "https://পাখি 🐦"; // Kept, behind a statement.
            }
            export function* each() {}
            export let Thread = own;
            """,
            "base.js": "export const base = 1;\nexport async function* other() {}",
        ]
        let text = try JoinedModules.text(of: "widget/panel.js") { path in try #require(modules[path], "\(path)") }
        #expect(
            text == """
                const m0 = (() => {
                const base = 1;async function* other() {}
                return { base, other };
                })();
                const m1 = (() => {
                const { base, other } = m0;const own = "দুই";async function load() {return "https://পাখি 🐦"; // Kept, behind a statement.
                }
                function* each() {}
                let Thread = own;return { load, each, Thread };
                })();
                const m2 = (() => {
                const { base: ground } = m0;const all = m0;const { Thread } = m1;const own = 1;class Panel {}
                return { Panel };
                })();
                export const { Panel } = m2;

                """)
    }
}
