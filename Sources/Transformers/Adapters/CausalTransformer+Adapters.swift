extension CausalTransformer {
  /// The same model with adapters in place of those that it had; several may sit on one layer. The two share all weights
  /// but those that an adapter replaces, so that this takes little time, and models with different adapters little memory.
  ///
  /// Weights that an adapter replaces whole (`modules_to_save`) replace those of this model: to change from one such
  /// adapter to another, begin with the base each time.
  /// - Throws: ``AdapterError`` where an adapter was made for another model, or two replace one weight.
  public func adapted(by adapters: [ScaledAdapter]) throws(AdapterError) -> any CausalTransformer {
    let combined = try CombinedAdapters(adapters, on: parameters)
    do throws(ModelError) {
      return try PretrainedModels.decoder(
        parameters.architecture, Weights(parameters, combined), parameters.configuration)
    } catch {
      throw .model(error)
    }
  }
}

extension Encoder {
  /// The same model with adapters in place of those that it had; see ``CausalTransformer/adapted(by:)-([ScaledAdapter])``.
  /// - Throws: ``AdapterError`` where an adapter was made for another model, or two replace one weight.
  public func adapted(by adapters: [ScaledAdapter]) throws(AdapterError) -> any Encoder {
    let combined = try CombinedAdapters(adapters, on: parameters)
    do throws(ModelError) {
      return try PretrainedModels.encoder(
        parameters.architecture, Weights(parameters, combined), parameters.configuration)
    } catch {
      throw .model(error)
    }
  }
}

extension Weights {
  /// The weights of a model with what adapters add to them and replace.
  fileprivate init(_ parameters: ModelParameters, _ combined: CombinedAdapters) {
    self.init(
      parameters, adapters: combined.layers, values: combined.values, matrices: combined.matrices)
  }
}
