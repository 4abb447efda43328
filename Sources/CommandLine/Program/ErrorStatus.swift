import Foundation
import MartletCheckpoints
import MartletClassification
import MartletCodeCompletion
import MartletCourse
import MartletDatasets
import MartletDocuments
import MartletEmbedding
import MartletEvaluation
import MartletFineTuning
import MartletGeneration
import MartletGrammars
import MartletHTTPClient
import MartletInspection
import MartletJSON
import MartletJinja
import MartletLanguageModels
import MartletMetrics
import MartletPictures
import MartletPrompting
import MartletProviders
import MartletRemoteStores
import MartletRetrieval
import MartletSQLite
import MartletSandbox
import MartletServer
import MartletTensors
import MartletTokenizers
import MartletTransformers
import MartletVectorStore
import MartletYAML

extension ExitStatus {
  /// How the program ends after an error: the one place that knows every module's errors.
  init(for error: any Error) {
    switch error {
    case is UsageError, is WrongModel: self = .usage
    case is CancellationError: self = .interrupted
    case let error as ReportedFailure: self = error.status
    case let error as InputOutputError: self = error.status
    case EmbeddingError.generatingModel: self = .usage
    case ClassificationError.noMaskToken, ClassificationError.notFinite: self = .badData
    case is ClassificationError, ModelError.missingHead, ModelError.beyondContext: self = .usage
    case is RecordError, is JSONError, is YAMLError, is GrammarError, is AnswerPatternError,
      is TokenizerError,
      is TemplateError, is ModelError, is EmbeddingError:
      self = .badData
    case let error as BytePairTrainingError: self = ExitStatus(for: error)
    case is CodeCompletionError: self = .usage
    case let error as CourseError: self = ExitStatus(for: error)
    case let error as CheckpointError: self = ExitStatus(for: error.kind)
    case let error as AdapterError: self = ExitStatus(for: error)
    case ConversionError.tokenizer: self = .badData
    case is ConversionError: self = .usage
    case let error as DocumentError: self = ExitStatus(for: error.problem)
    case let error as GenerationError: self = ExitStatus(for: error)
    case let error as VectorStoreError: self = ExitStatus(for: error)
    case let error as SQLiteError: self = ExitStatus(for: error)
    case let error as VectorFileError: self = ExitStatus(for: error.kind)
    case let error as RemoteStoreError: self = ExitStatus(for: error)
    case is StoreLocationError: self = .usage
    case CollectionCopyError.differences: self = .badData
    case is CollectionCopyError: self = .usage
    case let error as ServerError: self = ExitStatus(for: error)
    case is AskError, is PassageFilterError, is SamplingError, is LanguageModelError, is PagePoolError,
      is GradientError:
      self = .usage
    case InspectionError.notFinite, is PictureError: self = .badData
    case is InspectionError: self = .usage
    case MetricError.unknownMetric, MetricError.unknownSmoothing, MetricError.smoothingValue,
      MetricError.unusableConfidence, MetricError.tooFewResamples:
      self = .usage
    case is MetricError: self = .badData
    case let error as TaskError: self = ExitStatus(for: error)
    case RunStoreError.damaged: self = .badData
    case ReportError.otherTask, ReportError.noSuchScore: self = .usage
    case is RunStoreError, is ReportError: self = .noInput
    case PromptLogError.damaged: self = .badData
    case is PromptLogError: self = .noInput
    case is JudgingError: self = .badData
    case let error as TrainingError: self = ExitStatus(for: error)
    case let error as PromptingError: self = ExitStatus(for: error)
    case ExperimentError.noRuns: self = .noInput
    case is ExperimentError: self = .usage
    case let error as NewFileError: self = ExitStatus(for: error)
    case is DeviceError: self = .unavailable
    case let error as SandboxError: self = ExitStatus(for: error)
    case let error as DatasetError: self = ExitStatus(for: error)
    case TrainingDataError.unusableShare: self = .usage
    case is TrainingDataError: self = .badData
    case let error as ProviderError: self = ExitStatus(for: error)
    case HTTPClientError.cancelled: self = .interrupted
    case is HTTPClientError: self = .unavailable
    default: self = .software
    }
  }

  private init(for error: BytePairTrainingError) {
    self =
      switch error {
      case .vocabularyTooSmall, .unusableSpecialToken: .usage
      case .notUTF8, .noText: .badData
      case .cancelled: .interrupted
      }
  }

  private init(for kind: CheckpointError.Kind) {
    self =
      switch kind {
      case .noInput: .noInput
      case .badData: .badData
      case .unavailable: .unavailable
      case .inputOutput: .inputOutput
      case .permission: .noPermission
      case .cancelled: .interrupted
      }
  }

  private init(for problem: DocumentError.Problem) {
    self =
      switch problem {
      case .notFound, .mayBeUnmounted: .noInput
      case .noPermission: .noPermission
      case .missingProgram, .missingLanguageData: .unavailable
      case .unreadable, .changed: .inputOutput
      case .cancelled: .interrupted
      case .binary, .encrypted, .damaged, .noTextLayer, .tooLarge, .timeLimit, .memoryLimit, .unsupported,
        .protected, .hostile:
        .badData
      }
  }

  private init(for error: VectorStoreError) {
    self =
      switch error {
      case .missing, .noSuchCollection, .collectionDropped, .noSuchNamespace: .noInput
      case .newerFormat, .notADatabase, .damaged, .damagedRecord, .lostTransactions, .unusableVector,
        .nothingToEmbed,
        .unusableMetadata,
        .tooManyRecords:
        .badData
      case .collectionExists, .sourcesNameTaken, .namespaceExists, .invalidName, .wrongDimension,
        .wrongDistance,
        .impossibleDimension,
        .wrongEmbedder, .noEmbedder,
        .backupExists, .backupFolderNotEmpty, .backupInsideStore,
        .recordExists:
        .usage
      case .wrongEmbeddingCount: .software
      case .busyWriter, .noKernels, .outOfMemory, .timeLimit: .unavailable
      case .readOnly, .noPermission: .noPermission
      case .diskFull, .system, .replaced: .inputOutput
      }
  }

  private init(for error: SQLiteError) {
    self =
      switch error {
      case .otherFormat, .newerFormat, .damaged: .badData
      case .busy, .timeLimit: .unavailable
      case .readOnly, .noPermission: .noPermission
      case .diskFull, .system: .inputOutput
      }
  }

  private init(for error: RemoteStoreError) {
    self =
      switch error {
      case .unreachable, .unexpectedAnswer, .noVectorExtension: .unavailable
      case .noPermission: .noPermission
      case .refused, .newerFormat, .unfit: .badData
      case .unsupported: .usage
      }
  }

  private init(for error: ServerError) {
    self =
      switch error {
      case .unknownHost, .noKey: .usage
      case .portTaken: .unavailable
      case .noPermission: .noPermission
      case .system: .inputOutput
      }
  }

  private init(for error: TaskError) {
    self =
      switch error {
      case .unknownTask, .tooFewExamples, .invalidRequest: .usage
      case .unreadable, .missingSplit: .noInput
      case .notYAML, .definition, .row, .notARow: .badData
      case .reply: .software
      }
  }

  private init(for error: PromptingError) {
    self =
      switch error {
      case .missingVariable, .noEmbeddings, .tooFewExamples, .unusable: .usage
      case .unreadable: .noInput
      case .template, .notYAML, .definition, .unusableEmbeddings: .badData
      }
  }

  private init(for error: NewFileError) {
    self =
      switch error {
      case .exists, .notAFile: .usage
      case .system(_, ENOENT), .system(_, ENOTDIR): .noInput
      case .system(_, EACCES), .system(_, EPERM), .system(_, EROFS): .noPermission
      case .system: .inputOutput
      }
  }

  private init(for error: DatasetError) {
    self =
      switch error {
      case .unknown, .notPulled: .noInput
      case .noSplit: .usage
      case .malformed: .badData
      case .unavailable: .unavailable
      case .cancelled: .interrupted
      case .file(let error): ExitStatus(for: error.kind)
      }
  }

  private init(for error: SandboxError) {
    self =
      switch error {
      case .invalidLimit: .usage
      case .programTooLarge: .badData
      case .cancelled: .interrupted
      case .system: .unavailable
      }
  }

  private init(for error: ProviderError) {
    self =
      switch error {
      case .invalidReference, .noEcho, .capWithoutPrice: .usage
      case .noKey, .unsafeKeyFile, .noPermission: .noPermission
      case .unusableFile, .refused: .badData
      case .unavailable, .brokenOff, .unexpectedAnswer, .capReached: .unavailable
      case .cache: .inputOutput
      }
  }

  private init(for error: AdapterError) {
    self =
      switch error {
      case .file(let error): ExitStatus(for: error.kind)
      case .unknownTargets, .unknownModules, .rankTooLarge, .otherModel, .conflictingWeights, .unsupported,
        .invalidPattern:
        .usage
      case .unsupportedSetting, .invalidSetting, .unexpectedShape, .notFinite, .incomplete, .model: .badData
      }
  }

  private init(for kind: VectorFileError.Kind) {
    self =
      switch kind {
      case .missing: .noInput
      case .noPermission: .noPermission
      case .inputOutput: .inputOutput
      case .damaged, .unsupported, .unfit: .badData
      }
  }

  private init(for error: TrainingError) {
    self =
      switch error {
      case .emptyTrainingSet, .exampleTooLong, .notFinite, .notARun: .badData
      case .unusableRecipe, .nothingToTrain, .unusableFreezePattern, .runExists, .runIsComplete, .otherRun:
        .usage
      case .adapter(let error): ExitStatus(for: error)
      case .model(let error): ExitStatus(for: error)
      case .gradient(let error): ExitStatus(for: error)
      case .tensor: .badData
      case .file(let error): ExitStatus(for: error.kind)
      }
  }

  private init(for error: GenerationError) {
    self =
      switch error {
      case .formCannotBeKept, .promptTooLong, .completionTooLong, .contextTooLong, .emptyPrompt,
        .unknownToken, .noChatTemplate,
        .embeddingModel, .everyTokenForbidden, .noAnswerTokens, .emptyContinuation:
        .usage
      case .notANumber, .textTooShort: .badData
      }
  }
}

/// A failure whose status is decided where it is found.
struct ReportedFailure: Error, CustomStringConvertible, Sendable, Equatable {
  let status: ExitStatus
  let description: String

  init(_ status: ExitStatus, _ description: String) {
    self.status = status
    self.description = description
  }
}
