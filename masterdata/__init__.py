"""What every part of the factory shares: parties, plants, materials, people, facts."""
