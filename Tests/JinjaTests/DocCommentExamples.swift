import MartletJinja

/// The code in doc comments of the module, which lint compares with these lines: it compiles.
private enum DocCommentExamples {
  static func template() throws -> String {
    let template = try Template("{% for m in messages %}<|{{ m.role }}|>{{ m.content | trim }}{% endfor %}")
    let text = try template.render(["messages": [["role": "user", "content": "Hello "]]])
    return text
  }
}
