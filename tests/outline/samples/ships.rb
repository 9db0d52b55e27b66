# Ships.
module Harbour
  LIMIT = 3
  # A berth.
  class Berth < Base
    attr_reader :id, :length
    def initialize(id)
      @id = id
    end
    def self.of(id)
      new(id)
    end
    class << self
      def all; end
    end
  end
end
def helper(a, b = 1) = a + b
