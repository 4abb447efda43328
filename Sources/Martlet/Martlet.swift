// `import Martlet` imports every module of the library.
@_exported import MartletCheckpoints
@_exported import MartletClassification
@_exported import MartletDocuments
@_exported import MartletEmbedding
@_exported import MartletGeneration
@_exported import MartletInspection
@_exported import MartletJSON
@_exported import MartletJinja
@_exported import MartletLanguageModels
@_exported import MartletPictures
@_exported import MartletRemoteStores
@_exported import MartletRetrieval
@_exported import MartletServer
@_exported import MartletTensors
@_exported import MartletTokenizers
@_exported import MartletTransformers
@_exported import MartletVectorStore
