import MartletJSON
import MartletJinja

func readTemplate(_ input: [UInt8]) {
  guard let template = try? Template(String(decoding: input, as: UTF8.self)) else { return }
  let context: [String: JSON] = [
    "messages": [["role": "user", "content": "Hello"], ["role": "assistant", "content": "Hi\n"]],
    "add_generation_prompt": true, "bos_token": "<s>", "tools": .null,
  ]
  _ = try? template.render(context, limits: RenderLimits(maximumSteps: 20_000, maximumOutputBytes: 1 << 20))
}
