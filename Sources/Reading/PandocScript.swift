/// Writes what pandoc has read as `MarkedBlocks`. It is a writer of pandoc's own kind, in Lua.
enum PandocScript {
    static let name = "writer.lua"
    static let text = #"""
        -- Writes blocks: a mark, the block's kind, a mark, the text.
        local B, T = "\30", "\31"
        local function clean(s) return (s:gsub("[%z\1-\8\11-\31\127]", "")) end
        local function block(kind, s) if s:find("%S") then return B .. kind .. T .. s end return "" end
        local function inner(s) return (s:gsub(B .. "[^" .. T .. "]*" .. T, " ")) end
        local function same(s) return s end
        function Blocksep() return "" end
        function Doc(body, metadata)
          local title = type(metadata.title) == "string" and metadata.title or ""
          return block("title", inner(title)) .. body
        end
        function Str(s) return clean(s) end
        function Space() return " " end
        function SoftBreak() return " " end
        function LineBreak() return "\n" end
        Emph, Strong, Underline, Strikeout, SmallCaps, Span = same, same, same, same, same, same
        Superscript, Subscript, Link, Cite = same, same, same, same
        function Code(s) return clean(s) end
        function InlineMath(s) return clean(s) end
        DisplayMath = InlineMath
        function SingleQuoted(s) return "‘" .. s .. "’" end
        function DoubleQuoted(s) return "“" .. s .. "”" end
        function Image(s) return s end
        function RawInline() return "" end
        function RawBlock() return "" end
        function Note(s) return " (" .. inner(s) .. ")" end
        function Plain(s) return block("paragraph", s) end
        Para = Plain
        function Header(level, s) return block("heading" .. level, s) end
        function BlockQuote(s) return s end
        Div = same
        function HorizontalRule() return "" end
        function LineBlock(lines) return block("paragraph", table.concat(lines, "\n")) end
        function CodeBlock(s) return block("code", clean(s)) end
        function BulletList(items) return table.concat(items) end
        OrderedList = BulletList
        function DefinitionList(items)
          local out = {}
          for _, item in ipairs(items) do
            for term, definitions in pairs(item) do
              out[#out + 1] = block("paragraph", term) .. table.concat(definitions)
            end
          end
          return table.concat(out)
        end
        local function row(cells)
          local out = {}
          for i, cell in ipairs(cells) do out[i] = (inner(cell):gsub("%s+", " "):gsub("^ ", "")) end
          return block("row", table.concat(out, "\t"))
        end
        function Table(caption, aligns, widths, headers, rows)
          local out = { block("paragraph", caption), row(headers) }
          for _, cells in ipairs(rows) do out[#out + 1] = row(cells) end
          return table.concat(out)
        end
        function CaptionedImage(src, title, caption) return block("paragraph", caption) end
        """#
}
