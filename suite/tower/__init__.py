"""The control tower: is the factory keeping its promises?"""
