"""One kind of file a module: is it what its name says, as long as it should be, and nothing beside that?"""
