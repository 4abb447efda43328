/// The settings of a LoRA adapter, under the names and with the defaults of peft's `LoraConfig` (Hu et al. 2021, "LoRA:
/// Low-Rank Adaptation of Large Language Models").
public struct AdapterConfiguration: Sendable, Equatable {
  /// Which linear layers get a pair of matrices.
  public enum Targets: Sendable, Equatable {
    /// Those that `target_modules` of peft has for the architecture: `c_attn` of GPT-2, `q_proj` and `v_proj` of Llama.
    case architectureDefault
    /// Those whose path is one of these, or ends in a dot and one of these.
    case names([String])
    /// Those whose whole path matches a regular expression.
    case pattern(String)
    /// All but the output head: peft's `all-linear`.
    case allLinear
  }

  /// A rank or alpha of the layers whose path ends in what a regular expression matches: peft's `rank_pattern` and
  /// `alpha_pattern`.
  public struct Override<Value: Sendable & Equatable>: Sendable, Equatable {
    /// The expression, matched as `(.*\.)?(pattern)$`.
    public let pattern: String
    /// What holds for those layers.
    public let value: Value

    /// A value for the layers that a pattern matches.
    public init(pattern: String, value: Value) { (self.pattern, self.value) = (pattern, value) }
  }

  /// Which biases train with the matrices: peft's `bias`.
  public enum Biases: String, Sendable {
    /// None.
    case none
    /// All of the model.
    case all
    /// Those of the layers that have an adapter.
    case adapted = "lora_only"
  }

  /// `r`: how many rows A has, and columns B.
  public var rank: Int
  /// `lora_alpha`: the product of the matrices is multiplied by alpha / rank.
  public var alpha: Double
  /// `lora_dropout`: the probability that an activation which A reads is dropped while training.
  public var dropout: Double
  /// `target_modules`.
  public var targets: Targets
  /// `exclude_modules`: layers that are left out, by the rules of ``targets``; nil for none.
  public var excluded: Targets?
  /// `layers_to_transform`: the numbers of the blocks that get an adapter; nil for all.
  public var blocks: [Int]?
  /// `layers_pattern`: what stands before a block's number in a path, as regular expressions; empty for anything.
  public var blockPatterns: [String] = []
  /// `rank_pattern`, in order: the first that matches holds.
  public var rankOverrides: [Override<Int>] = []
  /// `alpha_pattern`, in order: the first that matches holds.
  public var alphaOverrides: [Override<Double>] = []
  /// `use_rslora`: the factor is alpha / √rank (Kalajdzievski 2023, "A Rank Stabilization Scaling Factor for Fine-Tuning
  /// with LoRA").
  public var usesRankStabilizedScaling = false
  /// `modules_to_save`: modules that train whole and are kept beside the matrices.
  public var modulesToSave: [String] = []
  /// `ensure_weight_tying`: whether an embedding of ``modulesToSave`` stays the output head where the model ties them.
  public var keepsHeadTied = false
  /// `bias`.
  public var biases = Biases.none
  /// `fan_in_fan_out`: whether the base's matrices are held as inputs × outputs; nil where the model says it.
  public var fanInFanOut: Bool?
  /// `base_model_name_or_path`; nil where it is not stated.
  public var baseModel: String?
  /// `task_type`: what the base is for, as in `CAUSAL_LM`; nil where it is not stated.
  public var task: String?

  /// Settings with peft's defaults for what is not given.
  public init(
    rank: Int = 8, alpha: Double = 8, dropout: Double = 0, targets: Targets = .architectureDefault
  ) {
    (self.rank, self.alpha, self.dropout, self.targets) = (rank, alpha, dropout, targets)
  }
}
